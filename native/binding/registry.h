// The process's open directories and partitions, by number, so that every thread of the process
// works on the same logs. A number is never given out twice.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "log_directory.h"
#include "moved.h"

namespace millrace::binding {

struct SharedPartition {
  std::shared_ptr<LogDirectory> directory;  // outlives the log
  std::shared_ptr<PartitionLog> log;
  std::shared_ptr<PartitionRecord> record;
};

// All functions may be called from any thread.
class Registry {
 public:
  static Registry& instance();  // never destroyed: native threads outlive every environment

  Result<uint32_t> open_directory(FileSystem& files, const std::string& path,
                                  const DirectoryOptions& options);
  std::shared_ptr<LogDirectory> directory(uint32_t handle);  // null: unknown or closed
  // Blocks until closed, then forgets the directory and its partitions.
  Status close_directory(uint32_t handle);
  // As a crash leaves it: nothing flushed, nothing marked. For tests.
  void abandon_directory(uint32_t handle);

  // Blocks while the partition recovers.
  Result<uint32_t> open_partition(uint32_t directory, const std::string& name,
                                  const LogConfig& config);
  Status delete_partition(uint32_t directory, const std::string& name);
  std::optional<SharedPartition> partition(uint32_t handle);

  // Grows whenever a partition leaves; who keeps partitions of its own then asks again.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  struct OpenDirectory {
    std::shared_ptr<LogDirectory> log_directory;
    std::unordered_map<std::string, uint32_t> partitions;  // handles by name
  };
  std::vector<uint32_t> forget_directory(uint32_t handle);

  std::mutex mutex_;  // guards everything below; never held over a call that blocks
  std::unordered_map<uint32_t, OpenDirectory> directories_;
  std::unordered_map<uint32_t, SharedPartition> partitions_;
  uint32_t next_directory_ = 1;
  uint32_t next_partition_ = 1;
  std::atomic<uint64_t> generation_{0};
};

}  // namespace millrace::binding
