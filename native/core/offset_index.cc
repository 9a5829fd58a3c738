#include "offset_index.h"

#include <algorithm>
#include <string>

#include "big_endian.h"

namespace millrace {

Result<OffsetIndex> OffsetIndex::parse(int64_t base_offset, ByteView content, uint64_t log_bytes) {
  if (content.size() % kEntrySize != 0) {
    return Status(Code::kCorruptLog,
                  "offset index of " + std::to_string(content.size()) + " bytes");
  }
  OffsetIndex index(base_offset);
  index.entries_.reserve(content.size() / kEntrySize);
  Entry previous = {-1, 0};
  for (size_t at = 0; at < content.size(); at += kEntrySize) {
    const Entry entry = {load_big_endian<int32_t>(content.data() + at),
                         load_big_endian<uint32_t>(content.data() + at + 4)};
    const bool rises = entry.relative_offset > previous.relative_offset &&
                       (at == 0 || entry.position > previous.position);
    if (!rises || entry.position >= log_bytes) {
      return Status(Code::kCorruptLog,
                    "offset index entry " + std::to_string(at / kEntrySize) + " does not continue");
    }
    index.entries_.push_back(entry);
    previous = entry;
  }
  return index;
}

void OffsetIndex::append(int64_t last_offset, uint32_t position) {
  entries_.push_back({static_cast<int32_t>(last_offset - base_offset_), position});
}

OffsetPosition OffsetIndex::floor(int64_t offset) const {
  const int64_t relative = offset - base_offset_;
  const auto above = std::partition_point(
      entries_.begin(), entries_.end(),
      [relative](const Entry& entry) { return entry.relative_offset <= relative; });
  if (above == entries_.begin()) return {base_offset_, 0};
  const Entry& entry = *std::prev(above);
  return {base_offset_ + entry.relative_offset, entry.position};
}

uint32_t OffsetIndex::floor_position(uint32_t position) const {
  const auto above =
      std::partition_point(entries_.begin(), entries_.end(),
                           [position](const Entry& entry) { return entry.position <= position; });
  return above == entries_.begin() ? 0 : std::prev(above)->position;
}

std::vector<uint8_t> OffsetIndex::serialize() const {
  std::vector<uint8_t> content(entries_.size() * kEntrySize);
  uint8_t* target = content.data();
  for (const Entry& entry : entries_) {
    store_big_endian(target, entry.relative_offset);
    store_big_endian(target + 4, entry.position);
    target += kEntrySize;
  }
  return content;
}

}  // namespace millrace
