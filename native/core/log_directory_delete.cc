// Deleting a partition: its folder is renamed at once, its files go then, or at the next start.
#include <string>
#include <utility>

#include "log_directory_impl.h"
#include "log_file_names.h"

namespace millrace {

Status LogDirectoryImpl::remove_deleted_folders() {
  Result<std::vector<std::string>> names = context_->files.list(context_->path);
  if (!names.is_ok()) return names.take_status();
  // A deletion that was cut short may have left its checkpoints.
  for (const std::string& name : names.value()) {
    const std::string partition = name.substr(0, name.rfind('.'));
    if (!is_deleted_folder(name) || context_->files.exists(context_->path + '/' + partition)) {
      continue;
    }
    context_->checkpoints.forget(partition);
  }
  if (Status written = write_checkpoints_if_room(); !written.is_ok()) return written;
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
    if (closed_) return Status(Code::kClosed, context_->path + " is closed");
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
  Status status = context_->files.sync_directory(context_->path);
  if (status.is_ok()) status = write_checkpoints_if_room();
  if (!status.is_ok()) {
    context_->fail(status);
    return status;
  }
  return remove_folder(target);
}

// A full disk must not keep a partition from being deleted: then the checkpoints stay due, and
// nothing is made anew under the name before they are written.
Status LogDirectoryImpl::write_checkpoints_if_room() {
  Status written = context_->checkpoints.write();
  if (written.code() != Code::kNoSpace) return written;
  context_->checkpoints_changed();
  return Status::ok();
}

}  // namespace millrace
