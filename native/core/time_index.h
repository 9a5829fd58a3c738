// The sparse index of a segment from timestamp to offset, in the format of Kafka's .timeindex
// files: entries of a big-endian int64 timestamp and an int32 offset relative to the segment's
// base. An entry (t, o) says that every record up to o has a timestamp of at most t. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "bytes.h"
#include "status.h"

namespace millrace {

struct TimestampedOffset {
  int64_t timestamp_ms = -1;
  int64_t offset = -1;
};

class TimeIndex {
 public:
  static constexpr size_t kEntrySize = 12;

  explicit TimeIndex(int64_t base_offset) : base_offset_(base_offset) {}
  // kCorruptLog unless timestamps and offsets rise from entry to entry.
  static Result<TimeIndex> parse(int64_t base_offset, ByteView content);

  // Leaves out what does not raise the timestamp.
  void append(TimestampedOffset largest_so_far);
  // The last entry at or below `timestamp_ms`; {-1, base offset} when there is none.
  TimestampedOffset floor(int64_t timestamp_ms) const;
  TimestampedOffset last() const;

  std::vector<uint8_t> serialize() const;
  size_t entry_count() const { return entries_.size(); }
  size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    int64_t timestamp_ms;
    int32_t relative_offset;
  };
  TimestampedOffset absolute(const Entry& entry) const {
    return {entry.timestamp_ms, base_offset_ + entry.relative_offset};
  }
  int64_t base_offset_;
  std::vector<Entry> entries_;
};

}  // namespace millrace
