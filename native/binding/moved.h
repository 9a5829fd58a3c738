// Who is told that a partition moved. Each event loop that listens owns one inbox; a partition
// keeps one bit for each inbox. Nothing here knows Node.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "partition_log.h"

namespace millrace::binding {

// What the process keeps of an open partition, attached to its log and living as long as it.
struct PartitionRecord {
  explicit PartitionRecord(uint32_t partition_handle) : handle(partition_handle) {}
  const uint32_t handle;
  // Bit i: inbox i wants to know. Set and cleared by the thread that owns inbox i.
  std::atomic<uint64_t> subscribers{0};
  // Bit i: the handle lies in inbox i already, or is on its way there.
  std::atomic<uint64_t> pending{0};
};

// The MovedCallback of every log directory: any thread, takes no lock of the log, posts a partition
// at most once to an inbox until that inbox's owner has looked.
void report_moved(PartitionLog& log);

// One event loop's inbox. Inboxes are never freed, so that a thread that is about to post to one
// that was released (or claimed anew by another loop) does no harm: a handle too many is looked at
// in vain.
class MovedInbox {
 public:
  static constexpr size_t kMaxInboxes = 64;

  // Takes a free inbox; null when all are taken. `wake` is called under the inbox's mutex when the
  // first handle arrives after a take(); never after release() returned.
  static MovedInbox* claim(std::function<void()> wake);
  void release();

  // Owner's thread only. The caller looks at the partition itself after subscribing: what moved
  // before is not reported.
  void subscribe(PartitionRecord& record);
  void unsubscribe(PartitionRecord& record);
  // Owner's thread, before it looks at what it took: a move from here on is posted again.
  void acknowledge(PartitionRecord& record);

  struct Posted {
    std::vector<uint32_t> moved;
    std::vector<uint32_t> removed;
  };
  void take(Posted& posted);

  void post(uint32_t handle);
  // Tells every claimed inbox that a partition was deleted or its directory closed.
  static void post_removed(uint32_t handle);

 private:
  friend struct InboxTable;
  uint64_t bit() const { return uint64_t{1} << index_; }
  void wake_if_empty();

  size_t index_ = 0;
  std::mutex mutex_;
  std::function<void()> wake_;  // empty: not claimed
  Posted posted_;
};

}  // namespace millrace::binding
