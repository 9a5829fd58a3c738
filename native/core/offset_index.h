// The sparse index of a segment from offset to position, in the format of Kafka's .index files:
// entries of two big-endian int32, the offset relative to the segment's base and the position of a
// batch whose last offset it is. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "bytes.h"
#include "status.h"

namespace millrace {

struct OffsetPosition {
  int64_t offset = 0;
  uint32_t position = 0;
};

class OffsetIndex {
 public:
  static constexpr size_t kEntrySize = 8;

  explicit OffsetIndex(int64_t base_offset) : base_offset_(base_offset) {}
  // kCorruptLog unless offsets and positions rise from entry to entry and stay below `log_bytes`.
  static Result<OffsetIndex> parse(int64_t base_offset, ByteView content, uint64_t log_bytes);

  // `last_offset` is that of the batch at `position`.
  void append(int64_t last_offset, uint32_t position);
  // The last entry at or below `offset`; the segment's beginning when there is none.
  OffsetPosition floor(int64_t offset) const;
  // The position of the last entry at or below `position`; 0 when there is none.
  uint32_t floor_position(uint32_t position) const;

  std::vector<uint8_t> serialize() const;
  size_t entry_count() const { return entries_.size(); }
  size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    int32_t relative_offset;
    uint32_t position;
  };
  int64_t base_offset_;
  std::vector<Entry> entries_;
};

}  // namespace millrace
