// The data directory: see log_directory.h for what it promises.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "clean_marker.h"
#include "directory_context.h"
#include "flusher.h"
#include "log_directory.h"
#include "partition_log_impl.h"

namespace millrace {

class LogDirectoryImpl final : public LogDirectory,
                               public std::enable_shared_from_this<LogDirectoryImpl> {
 public:
  LogDirectoryImpl(DirectoryContext::Parts parts, std::unique_ptr<DirectoryLock> lock);
  ~LogDirectoryImpl() override;

  // Reads marker and checkpoints, removes what an earlier run left half deleted.
  Status start();

  const std::string& path() const override { return context_->path; }
  bool was_clean() const override { return was_clean_; }
  bool offline() const override { return context_->offline(); }
  Status offline_reason() const override { return context_->offline_reason(); }
  bool over_budget() const override { return context_->over_budget(); }
  std::vector<std::string> partition_names() const override;
  Result<std::shared_ptr<PartitionLog>> open_partition(const std::string& name,
                                                       const LogConfig& config) override;
  Status delete_partition(const std::string& name) override;
  Result<RecoveryReport> repair_partition(const std::string& name) override;
  Result<uint32_t> flush_step() override;
  Status flush_all() override;
  Status close() override;
  void abandon() override;
  Statistics statistics() const override;

 private:
  using Partition = std::shared_ptr<PartitionLogImpl>;

  Status read_marker();
  Status remove_deleted_folders();
  Result<LoadedLog> load(const std::string& name, const LogConfig& config);
  Result<LoadedLog> recover(const std::string& name, const LogConfig& config, bool repair);
  Flusher::Partitions open_partitions() const;
  void tell_failure();
  Status write_checkpoints_if_room();
  Status delete_folder(const std::string& name, const Partition& partition);
  Status close_partitions(const Flusher::Partitions& partitions);
  void refuse_and_wait(std::unique_lock<std::mutex>& lock);
  void release();
  Status remove_folder(const std::string& folder);

  const std::shared_ptr<DirectoryContext> context_;
  std::unique_ptr<DirectoryLock> lock_;
  bool was_clean_ = false;
  std::unique_ptr<Flusher> flusher_;

  mutable std::mutex mutex_;
  std::condition_variable loaded_;
  std::set<std::string> loading_;  // partitions being opened or deleted right now
  std::map<std::string, Partition> partitions_;
  CleanStates clean_states_;  // of the marker, for partitions that were not opened yet
  bool closed_ = false;
  std::atomic<uint64_t> deletions_{0};
};

}  // namespace millrace
