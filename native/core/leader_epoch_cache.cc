#include "leader_epoch_cache.h"

#include <algorithm>

#include "checkpoint_text.h"

namespace millrace {

Result<LeaderEpochCache> LeaderEpochCache::parse(std::string_view text) {
  Result<std::vector<std::string_view>> lines = parse_checkpoint_lines(text);
  if (!lines.is_ok()) return lines.take_status();
  LeaderEpochCache cache;
  for (const std::string_view line : lines.value()) {
    const std::vector<std::string_view> fields = split_fields(line);
    const auto epoch = fields.size() == 2 ? parse_integer(fields[0]) : std::nullopt;
    const auto start = fields.size() == 2 ? parse_integer(fields[1]) : std::nullopt;
    const bool rises = epoch && start && *epoch >= 0 && *epoch <= INT32_MAX && *start >= 0 &&
                       (cache.entries_.empty() || (*epoch > cache.entries_.back().epoch &&
                                                   *start > cache.entries_.back().start_offset));
    if (!rises) return Status(Code::kCorruptLog, "leader epoch line \"" + std::string(line) + '"');
    cache.entries_.push_back({static_cast<int32_t>(*epoch), *start});
  }
  return cache;
}

std::string LeaderEpochCache::serialize() const {
  std::string text = "0\n" + std::to_string(entries_.size()) + '\n';
  for (const Entry& entry : entries_) {
    text += std::to_string(entry.epoch) + ' ' + std::to_string(entry.start_offset) + '\n';
  }
  return text;
}

bool LeaderEpochCache::assign(int32_t epoch, int64_t start_offset) {
  if (epoch < 0 || epoch <= latest_epoch()) return false;
  while (!entries_.empty() && entries_.back().start_offset >= start_offset) entries_.pop_back();
  entries_.push_back({epoch, start_offset});
  return true;
}

int32_t LeaderEpochCache::epoch_at(int64_t offset) const {
  const auto above =
      std::partition_point(entries_.begin(), entries_.end(),
                           [offset](const Entry& entry) { return entry.start_offset <= offset; });
  return above == entries_.begin() ? -1 : std::prev(above)->epoch;
}

EpochEndOffset LeaderEpochCache::end_offset_for(int32_t epoch, int64_t log_end_offset) const {
  if (epoch < 0 || entries_.empty()) return {};
  if (epoch == entries_.back().epoch) return {epoch, log_end_offset};
  if (epoch > entries_.back().epoch) return {};
  const auto above =
      std::partition_point(entries_.begin(), entries_.end(),
                           [epoch](const Entry& entry) { return entry.epoch <= epoch; });
  // Before the first known epoch: everything of it is gone, the next one's beginning is its end.
  if (above == entries_.begin()) return {epoch, above->start_offset};
  return {std::prev(above)->epoch, above->start_offset};
}

bool LeaderEpochCache::truncate_from_end(int64_t end_offset) {
  const size_t before = entries_.size();
  while (!entries_.empty() && entries_.back().start_offset >= end_offset) entries_.pop_back();
  return entries_.size() != before;
}

bool LeaderEpochCache::truncate_from_start(int64_t start_offset) {
  const auto above = std::partition_point(
      entries_.begin(), entries_.end(),
      [start_offset](const Entry& entry) { return entry.start_offset <= start_offset; });
  if (above == entries_.begin()) return false;
  const auto current = std::prev(above);
  const bool changed = current != entries_.begin() || current->start_offset != start_offset;
  current->start_offset = start_offset;
  entries_.erase(entries_.begin(), current);
  return changed;
}

}  // namespace millrace
