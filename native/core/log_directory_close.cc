// The end of a directory's service: cleanly, or as a crash would leave it.
#include <utility>

#include "file_io.h"
#include "log_directory_impl.h"

namespace millrace {

Status LogDirectoryImpl::close() {
  {
    std::unique_lock lock(mutex_);
    if (closed_) return Status::ok();
    refuse_and_wait(lock);
  }
  const Flusher::Partitions partitions = open_partitions();
  for (const auto& partition : partitions) partition->stop();
  flusher_->stop();
  Status status = context_->offline() ? context_->offline_reason() : close_partitions(partitions);
  release();
  return status;
}

Status LogDirectoryImpl::close_partitions(const Flusher::Partitions& partitions) {
  Status status = flush_all();
  CleanStates states;
  {
    const std::lock_guard lock(mutex_);
    states = clean_states_;  // of those that were not opened: still as they were
  }
  for (const auto& partition : partitions) {
    if (!status.is_ok()) return status;
    status = partition->close_cleanly();
    if (partition->quarantined()) continue;  // has to be recovered again
    states[partition->name()] = partition->clean_state();
    if (status.is_ok()) status = partition->update_checkpoint(Durability::kNone);
  }
  // Trimmed sizes, indexes, snapshots and epochs reach the disk before what vouches for them.
  if (status.is_ok()) status = context_->files.sync_all(context_->path);
  if (status.is_ok()) status = context_->checkpoints.write();
  if (status.is_ok()) {
    status = replace_file(context_->files, context_->path + '/' + std::string(kCleanMarkerFile),
                          bytes_of(serialize_clean_marker(states)), Durability::kEntry);
  }
  if (!status.is_ok()) context_->fail(status);
  return status;
}

void LogDirectoryImpl::abandon() {
  {
    std::unique_lock lock(mutex_);
    refuse_and_wait(lock);
  }
  for (const auto& partition : open_partitions()) partition->stop();
  if (flusher_) flusher_->stop();
  release();
}

// A partition that is being opened or deleted changes files that the marker would vouch for, and
// that belong to somebody else once the lock is released.
void LogDirectoryImpl::refuse_and_wait(std::unique_lock<std::mutex>& lock) {
  closed_ = true;
  loaded_.wait(lock, [this] { return loading_.empty(); });
}

void LogDirectoryImpl::release() {
  const std::lock_guard lock(mutex_);
  partitions_.clear();
  lock_.reset();
}

}  // namespace millrace
