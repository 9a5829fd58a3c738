// Deleting a partition: its folder is renamed at once, its files go then, or at the next start.
#include <string>
#include <utility>

#include "log_directory_impl.h"
#include "log_file_names.h"

namespace millrace {

Status LogDirectoryImpl::remove_deleted_folders() {
  Result<std::vector<std::string>> names = context_->files.list(context_->path);
  if (!names.is_ok()) return names.take_status();
  for (const std::string& name : names.value()) {
    if (!is_deleted_folder(name)) continue;
    Status removed = remove_folder(context_->path + '/' + name);
    if (!removed.is_ok()) return removed;
  }
  return Status::ok();
}

Status LogDirectoryImpl::remove_folder(const std::string& folder) {
  Result<std::vector<std::string>> names = context_->files.list(folder);
  if (!names.is_ok()) return names.take_status();
  for (const std::string& name : names.value()) {
    const Status removed = context_->files.remove(folder + '/' + name);
    if (!removed.is_ok() && removed.code() != Code::kNotFound) return removed;
  }
  return context_->files.remove_directory(folder);
}

Status LogDirectoryImpl::delete_partition(const std::string& name) {
  Partition partition;
  {
    std::unique_lock lock(mutex_);
    loaded_.wait(lock, [&] { return loading_.count(name) == 0; });
    const auto found = partitions_.find(name);
    if (found != partitions_.end()) {
      partition = std::move(found->second);
      partitions_.erase(found);
    }
    clean_states_.erase(name);
    loading_.insert(name);
  }
  Status deleted = delete_folder(name, partition);
  const std::lock_guard lock(mutex_);
  loading_.erase(name);
  loaded_.notify_all();
  return deleted;
}

Status LogDirectoryImpl::delete_folder(const std::string& name, const Partition& partition) {
  if (partition) partition->stop();
  const std::string folder = context_->path + '/' + name;
  if (!is_partition_folder(name) || !context_->files.exists(folder)) {
    return Status(Code::kNotFound, folder + " does not exist");
  }
  std::string target;
  do {
    target = folder + '.' + std::to_string(deletions_.fetch_add(1)) + std::string(kDeletedSuffix);
  } while (context_->files.exists(target));
  {
    // No round of the flusher may look for the folder under its old name.
    const std::unique_lock<std::mutex> round = flusher_->hold();
    if (partition) partition->forget_unwritten();
    if (Status renamed = context_->files.rename(folder, target); !renamed.is_ok()) return renamed;
  }
  context_->checkpoints.forget(name);
  context_->checkpoints_changed();
  Status synced = context_->files.sync_directory(context_->path);
  if (!synced.is_ok()) {
    context_->fail(synced);
    return synced;
  }
  return remove_folder(target);
}

}  // namespace millrace
