// Keeps the indexes of rolled segments in memory, the least recently used ones only up to a total.
// Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "segment_indexes.h"

namespace millrace {

class IndexCache {
 public:
  explicit IndexCache(size_t total_bytes) : total_bytes_(total_bytes) {}

  // Used now. What is dropped for it lives on for whoever holds it.
  void touch(uint64_t segment_id, const std::shared_ptr<const SegmentIndexes>& indexes);
  void drop(uint64_t segment_id);
  size_t held_bytes() const;

 private:
  struct Item {
    uint64_t segment_id;
    std::shared_ptr<const SegmentIndexes> indexes;
    size_t bytes;
  };
  using Items = std::list<Item>;
  void erase(Items::iterator item);

  const size_t total_bytes_;
  mutable std::mutex mutex_;
  Items items_;  // the most recently used first
  std::unordered_map<uint64_t, Items::iterator> by_segment_;
  size_t held_bytes_ = 0;
};

}  // namespace millrace
