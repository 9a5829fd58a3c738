#include "time_index.h"

#include <algorithm>
#include <string>

#include "big_endian.h"

namespace millrace {

Result<TimeIndex> TimeIndex::parse(int64_t base_offset, ByteView content) {
  if (content.size() % kEntrySize != 0) {
    return Status(Code::kCorruptLog, "time index of " + std::to_string(content.size()) + " bytes");
  }
  TimeIndex index(base_offset);
  index.entries_.reserve(content.size() / kEntrySize);
  Entry previous = {-1, -1};
  for (size_t at = 0; at < content.size(); at += kEntrySize) {
    const Entry entry = {load_big_endian<int64_t>(content.data() + at),
                         load_big_endian<int32_t>(content.data() + at + 8)};
    if (entry.timestamp_ms <= previous.timestamp_ms ||
        entry.relative_offset <= previous.relative_offset) {
      return Status(Code::kCorruptLog,
                    "time index entry " + std::to_string(at / kEntrySize) + " does not continue");
    }
    index.entries_.push_back(entry);
    previous = entry;
  }
  return index;
}

void TimeIndex::append(TimestampedOffset largest_so_far) {
  if (largest_so_far.timestamp_ms < 0) return;
  if (!entries_.empty() && largest_so_far.timestamp_ms <= entries_.back().timestamp_ms) return;
  entries_.push_back(
      {largest_so_far.timestamp_ms, static_cast<int32_t>(largest_so_far.offset - base_offset_)});
}

TimestampedOffset TimeIndex::floor(int64_t timestamp_ms) const {
  const auto above = std::partition_point(
      entries_.begin(), entries_.end(),
      [timestamp_ms](const Entry& entry) { return entry.timestamp_ms <= timestamp_ms; });
  if (above == entries_.begin()) return {-1, base_offset_};
  return absolute(*std::prev(above));
}

TimestampedOffset TimeIndex::last() const {
  return entries_.empty() ? TimestampedOffset{-1, base_offset_} : absolute(entries_.back());
}

std::vector<uint8_t> TimeIndex::serialize() const {
  std::vector<uint8_t> content(entries_.size() * kEntrySize);
  uint8_t* target = content.data();
  for (const Entry& entry : entries_) {
    store_big_endian(target, entry.timestamp_ms);
    store_big_endian(target + 8, entry.relative_offset);
    target += kEntrySize;
  }
  return content;
}

}  // namespace millrace
