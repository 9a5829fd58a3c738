// Rolling by time, and deleting what retention and the log start no longer want: Kafka's rules.
#include <algorithm>
#include <utility>

#include "log_file_names.h"
#include "log_folder.h"
#include "partition_log_impl.h"

namespace millrace {

Status PartitionLogImpl::roll() {
  const std::lock_guard lock(mutex_);
  if (Status open = check_open(); !open.is_ok()) return open;
  return roll_locked();
}

Result<uint32_t> PartitionLogImpl::enforce_retention() {
  const std::lock_guard maintenance(maintenance_mutex_);
  const LogConfig config = this->config();
  const int64_t now_ms = context_->clock.wall_ms();
  size_t expired = 0;
  {
    const std::lock_guard lock(mutex_);
    if (Status open = check_open(); !open.is_ok()) return open;
    if (producers_.expire(now_ms, config.producer_expiry_ms) > 0) changed_ = true;
    // An idle partition holds no mapping.
    const bool idle =
        appended_bytes_ == std::exchange(appended_bytes_at_retention_, appended_bytes_);
    if (idle && reservations_.in_flight() == 0) active().write_mapping.reset();
    if (Status rolled = roll_by_time_locked(config, now_ms); !rolled.is_ok()) return rolled;
    expired = count_expired_locked(config, now_ms);
    // A log has a segment at every time.
    if (expired == segments_.size()) {
      if (Status rolled = roll_locked(); !rolled.is_ok()) return rolled;
      expired = std::min(expired, segments_.size() - 1);
    }
  }
  return expired == 0 ? Result<uint32_t>(0u) : remove_oldest(expired);
}

Status PartitionLogImpl::roll_by_time_locked(const LogConfig& config, int64_t now_ms) {
  const Segment& segment = active();
  if (segment.reserved_bytes == 0) return Status::ok();
  const int64_t began_ms = segment.first_timestamp_ms >= 0 && segment.first_timestamp_ms <= now_ms
                               ? segment.first_timestamp_ms
                               : segment.created_ms;
  return now_ms - began_ms > config.segment_ms ? roll_locked() : Status::ok();
}

// How many segments from the oldest on may go. Only what lies below the high watermark does.
size_t PartitionLogImpl::count_expired_locked(const LogConfig& config, int64_t now_ms) const {
  uint64_t left = size_bytes_;
  size_t count = 0;
  for (; count < segments_.size(); ++count) {
    const Segment& segment = *segments_[count];
    const bool last = count + 1 == segments_.size();
    if (last && segment.reserved_bytes == 0) break;
    const int64_t end = last ? reserved_end_offset_ : segments_[count + 1]->base_offset;
    if (end > high_watermark_) break;
    // A timestamp in the future keeps the segment, it never deletes one.
    const int64_t newest_ms = segment.largest_timestamp.timestamp_ms >= 0
                                  ? segment.largest_timestamp.timestamp_ms
                                  : segment.created_ms;
    const bool too_old = config.retention_ms >= 0 && now_ms - newest_ms > config.retention_ms;
    const bool too_much =
        config.retention_bytes >= 0 &&
        left - segment.published_bytes >= static_cast<uint64_t>(config.retention_bytes) &&
        left > static_cast<uint64_t>(config.retention_bytes);
    const bool below_start = !last && end <= log_start_offset_;
    if (!too_old && !too_much && !below_start) break;
    left -= segment.published_bytes;
  }
  return count;
}

// Caller holds maintenance_mutex_. Readers keep what they have: the files are unlinked.
Result<uint32_t> PartitionLogImpl::remove_oldest(size_t count) {
  Result<size_t> removable = write_snapshots_for_removal(count);
  if (!removable.is_ok()) {
    context_->fail(removable.status());
    return removable.take_status();
  }
  count = removable.value();
  if (count == 0) return 0u;
  Segments removed;
  {
    const std::lock_guard lock(mutex_);
    const auto end = segments_.begin() + static_cast<std::ptrdiff_t>(count);
    removed.assign(segments_.begin(), end);
    segments_.erase(segments_.begin(), end);
    for (const auto& segment : removed) {
      size_bytes_ -= segment->published_bytes;
      const uint64_t unsynced = segment->published_bytes - segment->synced_bytes;
      context_->remove_unwritten(unsynced);
      unsynced_bytes_ -= unsynced;
      segment->synced_bytes = segment->published_bytes;
    }
    move_log_start_locked(std::max(log_start_offset_, segments_.front()->base_offset));
    // Only now: as long as its segments are there, a crash may bring an earlier log start back.
    if (epochs_.truncate_from_start(segments_.front()->base_offset)) epochs_changed_ = true;
    if (durable_offset_ < log_start_offset_) {
      durable_offset_ = log_start_offset_;
      durable_position_ = 0;
    }
  }
  const Status status = remove_files(removed);
  context_->moved(*this);
  if (!status.is_ok()) {
    context_->fail(status);
    return status;
  }
  return static_cast<uint32_t>(count);
}

// What is left after the removal of the oldest `count` needs the snapshot at its beginning. When
// the disk is full, only as many may go as have it: their removal makes room for the next.
Result<size_t> PartitionLogImpl::write_snapshots_for_removal(size_t count) {
  int64_t log_start = 0;
  {
    const std::lock_guard lock(mutex_);
    log_start = segments_[count]->base_offset;
  }
  const Status written = write_pending_snapshots(log_start);
  if (written.is_ok()) return count;
  if (written.code() != Code::kNoSpace) return written;
  const std::lock_guard lock(mutex_);
  while (count > 0 && segments_[count]->base_offset >= pending_snapshots_.front().first) --count;
  return count;
}

// What is left must be whole after a crash at any point: it finds the snapshot that stands for what
// went, never no segment at all, never an older one when a later one is gone, and none without the
// snapshot at its beginning.
Status PartitionLogImpl::remove_files(const Segments& removed) {
  FileSystem& files = context_->files;
  Status status;
  for (const auto& segment : removed) {
    if (status.is_ok()) status = files.sync_directory(directory_);
    if (status.is_ok()) status = remove_segment_files(files, segment->stem);
  }
  if (status.is_ok()) status = files.sync_directory(directory_);
  for (const auto& segment : removed) {
    if (!status.is_ok()) break;
    status = files.remove(directory_ + '/' +
                          log_file_name(segment->base_offset, log_suffix::kProducerSnapshot));
    if (status.code() == Code::kNotFound) status = Status::ok();
  }
  return status;
}

}  // namespace millrace
