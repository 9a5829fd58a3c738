// The end of a partition's service: cleanly, or not.
#include <utility>

#include "file_io.h"
#include "log_file_names.h"
#include "partition_log_impl.h"

namespace millrace {

void PartitionLogImpl::after_open() {
  const std::lock_guard lock(mutex_);
  queue_work_locked();
}

void PartitionLogImpl::stop() {
  const std::lock_guard maintenance(maintenance_mutex_);
  std::unique_lock lock(mutex_);
  closed_ = true;
  wait_for_appends(lock);
}

void PartitionLogImpl::forget_unwritten() {
  const std::lock_guard lock(mutex_);
  deleted_ = true;
  context_->remove_unwritten(unsynced_bytes_);
  unsynced_bytes_ = 0;
}

// Everything is published, because stop() came first. Trims before the sync that the caller does:
// what it cuts off is zeros in any case.
Status PartitionLogImpl::close_cleanly() {
  const std::lock_guard maintenance(maintenance_mutex_);
  Segments segments;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_ || report_.quarantined) return Status::ok();
    segments = segments_;
  }
  Status status = write_epochs(Durability::kNone);
  for (const auto& segment : segments) {
    if (!status.is_ok()) return status;
    if (segment->finished || !segment->file_exists()) continue;
    status = close_segment(*segment);
  }
  if (!status.is_ok()) return status;
  std::vector<std::pair<int64_t, std::vector<uint8_t>>> snapshots;
  {
    const std::lock_guard lock(mutex_);
    snapshots = std::exchange(pending_snapshots_, {});
    if (!producers_.empty()) snapshots.emplace_back(published_end_offset_, producers_.serialize());
  }
  for (const auto& [offset, content] : snapshots) {
    status = replace_file(context_->files,
                          directory_ + '/' + log_file_name(offset, log_suffix::kProducerSnapshot),
                          content, Durability::kNone);
    if (!status.is_ok()) return status;
  }
  return Status::ok();
}

// So that Kafka's tools read the segment: its indexes beside it, and no zeros behind it.
Status PartitionLogImpl::close_segment(Segment& segment) {
  Result<std::shared_ptr<File>> file = segment.file();
  if (!file.is_ok()) return file.take_status();
  const std::lock_guard lock(mutex_);
  segment.write_mapping.reset();
  if (segment.allocated_bytes != segment.published_bytes) {
    Status trimmed = file.value()->truncate(segment.published_bytes);
    if (!trimmed.is_ok()) return trimmed;
    segment.allocated_bytes = segment.usable_bytes = segment.published_bytes;
  }
  if (!segment.indexes) return Status::ok();  // not touched since the last clean stop
  SegmentIndexes sealed = *segment.indexes;
  sealed.seal();
  return write_indexes(context_->files, segment.stem, sealed, false);
}

PartitionLogImpl::CleanState PartitionLogImpl::clean_state() const {
  const std::lock_guard lock(mutex_);
  CleanState state;
  state.log_start_offset = log_start_offset_;
  state.end_offset = published_end_offset_;
  state.has_snapshot = !producers_.empty();
  for (const auto& segment : segments_) {
    state.segments.push_back({segment->base_offset, segment->published_bytes,
                              segment->first_timestamp_ms, segment->largest_timestamp});
  }
  return state;
}

}  // namespace millrace
