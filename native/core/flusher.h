// Group commit for one data directory: syncs what was appended, then publishes durable offsets; and
// the chores that keep appends short. Deterministic when step() alone drives it; start() adds two
// threads, so that zeroing ahead never delays an acknowledgement.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "directory_context.h"
#include "partition_log_impl.h"
#include "status.h"

namespace millrace {

class Flusher {
 public:
  // `all_partitions` gives those that are open: under kOs nobody else knows what is unwritten.
  using Partitions = std::vector<std::shared_ptr<PartitionLogImpl>>;
  Flusher(DirectoryContext& context, std::function<Partitions()> all_partitions)
      : context_(context), all_partitions_(std::move(all_partitions)) {}
  ~Flusher() { stop(); }

  void start();
  void stop();

  // One round of syncing. Returns how many partitions advanced. A failure takes the directory
  // offline.
  Result<uint32_t> flush_round();
  // Syncs the active segments whatever the policy.
  Result<uint32_t> flush_everything();
  // What was due when it was called, of every partition.
  Status chores_round();

  // No round runs while the lock is held.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(flush_mutex_); }

  struct Counters {
    uint64_t flushes = 0, flushed_bytes = 0;
    uint64_t ns_total = 0, ns_last = 0, ns_max = 0;
  };
  Counters counters() const;

 private:
  struct Job {
    std::shared_ptr<PartitionLogImpl> partition;
    FlushTicket ticket;
  };
  Result<uint32_t> flush(const Partitions& partitions, bool include_active);
  // Returns how many partitions advanced.
  Result<uint32_t> sync(const std::vector<Job>& jobs);
  Status sync_one(const Job& job);
  Result<PartitionLogImpl::ChoresDone> next_chores();
  Status write_checkpoints_if_due();
  Status write_checkpoints();
  Status fail_unless_full(const Status& status);
  void count(uint64_t bytes, int64_t began_ns);
  void flush_loop();
  void chores_loop();

  DirectoryContext& context_;
  const std::function<Partitions()> all_partitions_;
  std::mutex flush_mutex_;                     // one round at a time
  std::atomic<bool> synced_together_ = false;  // the last round, by one syncfs
  std::mutex chores_mutex_;
  mutable std::mutex counters_mutex_;
  Counters counters_;
  int64_t checkpoints_written_ns_ = 0;
  std::thread flush_thread_;
  std::thread chores_thread_;
};

}  // namespace millrace
