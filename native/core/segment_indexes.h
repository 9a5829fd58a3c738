// The three indexes of one segment, and the rules by which a batch enters them: Kafka's LogSegment.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "batch.h"
#include "file_system.h"
#include "offset_index.h"
#include "status.h"
#include "time_index.h"
#include "transaction_index.h"

namespace millrace {

struct SegmentIndexes {
  explicit SegmentIndexes(int64_t base_offset) : offsets(base_offset), times(base_offset) {}

  OffsetIndex offsets;
  TimeIndex times;
  TransactionIndex transactions;
  TimestampedOffset largest_timestamp;  // the largest, and the last offset of its batch
  uint64_t bytes_since_entry = 0;

  void on_batch(const BatchHeader& batch, uint64_t position, uint32_t index_interval_bytes);
  // The last entry of the time index must be the largest timestamp: lookups by time rely on it.
  void seal() { times.append(largest_timestamp); }
  size_t memory_bytes() const {
    return sizeof(*this) + offsets.memory_bytes() + times.memory_bytes() +
           transactions.entries().size() * sizeof(AbortedTransaction);
  }
};

// `stem` is the path of the segment without suffix. The offset index is replaced last, once the
// others are on disk: whoever finds it finds them as complete as it is. Not `durable`: for a clean
// stop, whose marker vouches for all of it.
Status write_indexes(FileSystem& files, const std::string& stem, const SegmentIndexes& indexes,
                     bool durable);
// Empty when there is no file.
Result<TransactionIndex> read_transaction_index(FileSystem& files, const std::string& stem);
// kCorruptLog, or kNotFound, when they have to be rebuilt from the `log_bytes` of the segment.
Result<std::shared_ptr<SegmentIndexes>> read_indexes(FileSystem& files, const std::string& stem,
                                                     int64_t base_offset, uint64_t log_bytes);

}  // namespace millrace
