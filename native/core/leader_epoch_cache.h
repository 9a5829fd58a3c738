// Which leader epoch began at which offset (KIP-101), in memory and in the text of Kafka's
// leader-epoch-checkpoint. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "partition_log.h"
#include "status.h"

namespace millrace {

class LeaderEpochCache {
 public:
  // kCorruptLog when it is not version 0 with rising epochs and offsets.
  static Result<LeaderEpochCache> parse(std::string_view text);
  std::string serialize() const;

  // True when it changed: an epoch above the last one begins at `start_offset`. Epochs that began
  // there or later, and so hold no record, go.
  bool assign(int32_t epoch, int64_t start_offset);
  // -1 when no epoch is known.
  int32_t latest_epoch() const { return entries_.empty() ? -1 : entries_.back().epoch; }
  // The epoch of the record at `offset`, or -1.
  int32_t epoch_at(int64_t offset) const;
  // As OffsetForLeaderEpoch answers: the largest epoch at or below `epoch`, and where it ends.
  EpochEndOffset end_offset_for(int32_t epoch, int64_t log_end_offset) const;

  // Both are true when they changed something.
  bool truncate_from_end(int64_t end_offset);      // drops epochs that begin at or after it
  bool truncate_from_start(int64_t start_offset);  // the epoch at it begins there, older ones go
  void clear() { entries_.clear(); }

  struct Entry {
    int32_t epoch;
    int64_t start_offset;
    bool operator==(const Entry&) const = default;
  };
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;  // epochs and offsets rise
};

}  // namespace millrace
