// The mappings that reads go through: aligned windows of at most 16 MiB, made on first use, shared
// between threads, the least recently used ones dropped above a total. A dropped window stays
// mapped until its last user lets go. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "file_system.h"
#include "status.h"

namespace millrace {

struct ReadWindow {
  std::shared_ptr<Mapping> mapping;
  uint64_t id = 0;     // never given twice in the process
  uint64_t begin = 0;  // position in the segment
  uint64_t end() const { return begin + mapping->size_bytes(); }
};

class ReadWindows {
 public:
  static constexpr uint64_t kWindowBytes = 16u << 20;

  explicit ReadWindows(uint64_t total_bytes) : total_bytes_(total_bytes) {}

  // A window that holds `position`. `segment_id` is unique in the process, `file_bytes` what is
  // allocated.
  struct Request {
    uint64_t segment_id;
    uint64_t position;
    uint64_t needed_end;
    uint64_t file_bytes;
  };
  // One that is mapped at least up to `needed_end` or its own end; without a mapping when there is
  // none yet.
  ReadWindow find(const Request& request);
  Result<ReadWindow> map(File& file, const Request& request);
  // Forgets the windows of a segment whose file is deleted.
  void drop(uint64_t segment_id);
  uint64_t mapped_bytes() const;

 private:
  struct Key {
    uint64_t segment_id;
    uint64_t index;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const {
      return (key.segment_id * 0x9E3779B97F4A7C15u) ^ key.index;
    }
  };
  struct Item {
    Key key;
    ReadWindow window;
  };
  using Items = std::list<Item>;

  void insert(const Key& key, ReadWindow window);
  void erase(Items::iterator item);

  const uint64_t total_bytes_;
  mutable std::mutex mutex_;
  Items items_;  // the most recently used first
  std::unordered_map<Key, Items::iterator, KeyHash> by_key_;
  uint64_t mapped_bytes_ = 0;
};

}  // namespace millrace
