// What a data directory gives to its partitions: files, clock, options, the flusher's queues, the
// budget of unwritten bytes, and the verdict on the disk. Outlives the directory's own object for
// as long as somebody holds a partition. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "clock.h"
#include "file_system.h"
#include "index_cache.h"
#include "log_directory.h"
#include "offset_checkpoints.h"
#include "read_windows.h"
#include "status.h"
#include "work_queue.h"

namespace millrace {

class DirectoryContext {
 public:
  struct Parts {
    FileSystem& files;
    Clock& clock;
    std::string path;
    DirectoryOptions options;
    MovedCallback on_moved;
  };
  explicit DirectoryContext(Parts parts);

  FileSystem& files;
  Clock& clock;
  const std::string path;
  const DirectoryOptions options;
  const bool mapped_writes;  // log.write.mode, unless the file system cannot take it

  OffsetCheckpoints checkpoints;
  ReadWindows windows;
  IndexCache indexes;  // of segments that rolled
  WorkQueue flushes;   // partitions with bytes to sync
  WorkQueue chores;    // partitions to preallocate, trim, write back

  bool offline() const { return offline_.load(std::memory_order_acquire); }
  Status offline_reason() const;
  // The first failure takes the directory offline for good, and tells every partition.
  void fail(const Status& cause);
  // Called once, by the failure.
  void on_failure(std::function<void()> callback) { failure_callback_ = std::move(callback); }
  void moved(PartitionLog& partition) const {
    if (on_moved_) on_moved_(partition);
  }

  void add_unwritten(uint64_t bytes) {
    unwritten_bytes_.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  }
  void remove_unwritten(uint64_t bytes) {
    unwritten_bytes_.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed);
  }
  uint64_t unwritten_bytes() const {
    const int64_t bytes = unwritten_bytes_.load(std::memory_order_relaxed);
    return bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
  }
  // An offline directory holds nobody back: what it has unwritten stays so.
  bool over_budget() const { return !offline() && unwritten_bytes() > options.dirty_budget_bytes; }
  // Half the budget is unwritten: sync whatever the policy, before producers are held back.
  bool wants_sync() const { return unwritten_bytes() > options.dirty_budget_bytes / 2; }
  uint64_t next_segment_id() { return next_segment_id_.fetch_add(1, std::memory_order_relaxed); }

  // A checkpoint file of the directory no longer says what is so.
  void checkpoints_changed() { checkpoints_changed_.store(true, std::memory_order_relaxed); }
  bool take_checkpoints_changed() {
    return checkpoints_changed_.exchange(false, std::memory_order_relaxed);
  }

 private:
  const MovedCallback on_moved_;
  std::function<void()> failure_callback_;
  std::atomic<bool> offline_{false};
  std::atomic<bool> checkpoints_changed_{false};
  std::atomic<int64_t> unwritten_bytes_{0};
  std::atomic<uint64_t> next_segment_id_{1};
  mutable std::mutex reason_mutex_;
  Status reason_;
};

}  // namespace millrace
