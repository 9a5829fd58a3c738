#include "registry.h"

#include <utility>

#include "system_clock.h"

namespace millrace::binding {

Registry& Registry::instance() {
  static Registry& registry = *std::make_unique<Registry>().release();
  return registry;
}

Result<uint32_t> Registry::open_directory(FileSystem& files, const std::string& path,
                                          const DirectoryOptions& options) {
  auto opened = LogDirectory::open(files, system_clock(), path, options, report_moved);
  if (!opened.is_ok()) return opened.take_status();
  const std::scoped_lock lock(mutex_);
  const uint32_t handle = next_directory_++;
  directories_[handle].log_directory = opened.take();
  return handle;
}

std::shared_ptr<LogDirectory> Registry::directory(uint32_t handle) {
  const std::scoped_lock lock(mutex_);
  const auto found = directories_.find(handle);
  return found == directories_.end() ? nullptr : found->second.log_directory;
}

Result<uint32_t> Registry::open_partition(uint32_t directory_handle, const std::string& name,
                                          const LogConfig& config) {
  const std::shared_ptr<LogDirectory> opened_in = directory(directory_handle);
  if (!opened_in) return Status(Code::kClosed, "the log directory is closed");
  auto opened = opened_in->open_partition(name, config);
  if (!opened.is_ok()) return opened.take_status();

  const std::scoped_lock lock(mutex_);
  const auto found = directories_.find(directory_handle);
  if (found == directories_.end()) return Status(Code::kClosed, "the log directory was closed");
  std::shared_ptr<PartitionLog> log = opened.take();
  // Opening an open partition gives the same log, which has its record already.
  if (const auto* record = static_cast<PartitionRecord*>(log->record())) return record->handle;
  const uint32_t handle = next_partition_++;
  auto record = std::make_shared<PartitionRecord>(handle);
  log->attach_record(record);
  found->second.partitions[name] = handle;
  partitions_[handle] = {opened_in, std::move(log), std::move(record)};
  return handle;
}

std::optional<SharedPartition> Registry::partition(uint32_t handle) {
  const std::scoped_lock lock(mutex_);
  const auto found = partitions_.find(handle);
  if (found == partitions_.end()) return std::nullopt;
  return found->second;
}

Status Registry::delete_partition(uint32_t directory_handle, const std::string& name) {
  const std::shared_ptr<LogDirectory> opened_in = directory(directory_handle);
  if (!opened_in) return Status(Code::kClosed, "the log directory is closed");
  if (Status status = opened_in->delete_partition(name); !status.is_ok()) return status;
  uint32_t handle = 0;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = directories_.find(directory_handle);
    if (found == directories_.end()) return Status::ok();
    const auto named = found->second.partitions.find(name);
    if (named == found->second.partitions.end()) return Status::ok();  // was not open
    handle = named->second;
    found->second.partitions.erase(named);
    partitions_.erase(handle);
    generation_.fetch_add(1);
  }
  MovedInbox::post_removed(handle);
  return Status::ok();
}

std::vector<uint32_t> Registry::forget_directory(uint32_t handle) {
  const std::scoped_lock lock(mutex_);
  std::vector<uint32_t> removed;
  const auto found = directories_.find(handle);
  if (found == directories_.end()) return removed;
  for (const auto& [name, partition] : found->second.partitions) {
    removed.push_back(partition);
    partitions_.erase(partition);
  }
  directories_.erase(found);
  generation_.fetch_add(1);
  return removed;
}

Status Registry::close_directory(uint32_t handle) {
  const std::shared_ptr<LogDirectory> closing = directory(handle);
  if (!closing) return Status::ok();
  Status status = closing->close();
  for (const uint32_t partition : forget_directory(handle)) MovedInbox::post_removed(partition);
  return status;
}

void Registry::abandon_directory(uint32_t handle) {
  const std::shared_ptr<LogDirectory> abandoned = directory(handle);
  if (!abandoned) return;
  abandoned->abandon();
  for (const uint32_t partition : forget_directory(handle)) MovedInbox::post_removed(partition);
}

}  // namespace millrace::binding
