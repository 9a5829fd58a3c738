#include "read_windows.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace millrace {

namespace {

// One count for all directories: threads keep windows of all of them in one cache.
std::atomic<uint64_t> next_window_id{1};

}  // namespace

ReadWindow ReadWindows::find(const Request& request) {
  const Key key = {request.segment_id, request.position / kWindowBytes};
  const uint64_t needed_end = std::min(request.needed_end, (key.index + 1) * kWindowBytes);
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || found->second->window.end() < needed_end) return {};
  items_.splice(items_.begin(), items_, found->second);
  return found->second->window;
}

Result<ReadWindow> ReadWindows::map(File& file, const Request& request) {
  const Key key = {request.segment_id, request.position / kWindowBytes};
  const uint64_t begin = key.index * kWindowBytes;
  const uint64_t needed_end = std::min(request.needed_end, begin + kWindowBytes);
  // A power of two, so that a growing segment replaces its window seldom.
  const uint64_t wanted = std::max(request.file_bytes, needed_end) - begin;
  const uint64_t length = std::min(kWindowBytes, std::bit_ceil(std::max<uint64_t>(wanted, 4096)));
  Result<std::shared_ptr<Mapping>> mapping = file.map(begin, length, MapAccess::kRead);
  if (!mapping.is_ok()) return mapping.take_status();
  ReadWindow window = {mapping.take(), 0, begin};
  const std::lock_guard lock(mutex_);
  window.id = next_window_id.fetch_add(1, std::memory_order_relaxed);
  insert(key, window);
  return window;
}

void ReadWindows::insert(const Key& key, ReadWindow window) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) erase(found->second);
  mapped_bytes_ += window.mapping->size_bytes();
  items_.push_front({key, std::move(window)});
  by_key_[key] = items_.begin();
  while (mapped_bytes_ > total_bytes_ && items_.size() > 1) erase(std::prev(items_.end()));
}

void ReadWindows::erase(Items::iterator item) {
  mapped_bytes_ -= item->window.mapping->size_bytes();
  by_key_.erase(item->key);
  items_.erase(item);
}

void ReadWindows::drop(uint64_t segment_id) {
  const std::lock_guard lock(mutex_);
  for (auto item = items_.begin(); item != items_.end();) {
    const auto next = std::next(item);
    if (item->key.segment_id == segment_id) erase(item);
    item = next;
  }
}

uint64_t ReadWindows::mapped_bytes() const {
  const std::lock_guard lock(mutex_);
  return mapped_bytes_;
}

}  // namespace millrace
