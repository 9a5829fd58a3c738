#include "index_cache.h"

#include <iterator>

namespace millrace {

void IndexCache::touch(uint64_t segment_id, const std::shared_ptr<const SegmentIndexes>& indexes) {
  const std::lock_guard lock(mutex_);
  const auto found = by_segment_.find(segment_id);
  if (found != by_segment_.end()) {
    if (found->second->indexes == indexes) {
      items_.splice(items_.begin(), items_, found->second);
      return;
    }
    erase(found->second);
  }
  items_.push_front({segment_id, indexes, indexes->memory_bytes()});
  by_segment_[segment_id] = items_.begin();
  held_bytes_ += items_.front().bytes;
  while (held_bytes_ > total_bytes_ && items_.size() > 1) erase(std::prev(items_.end()));
}

void IndexCache::drop(uint64_t segment_id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_segment_.find(segment_id);
  if (found != by_segment_.end()) erase(found->second);
}

void IndexCache::erase(Items::iterator item) {
  held_bytes_ -= item->bytes;
  by_segment_.erase(item->segment_id);
  items_.erase(item);
}

size_t IndexCache::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return held_bytes_;
}

}  // namespace millrace
