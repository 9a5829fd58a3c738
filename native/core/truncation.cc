// Moving the log's beginning or its end: delete_records and truncation.
#include <algorithm>
#include <array>
#include <utility>

#include "batch_walker.h"
#include "log_folder.h"
#include "log_loader.h"
#include "partition_log_impl.h"

namespace millrace {
namespace {

constexpr size_t kZeroPiece = 1u << 20;

}  // namespace

Status PartitionLogImpl::delete_records(int64_t before_offset) {
  {
    const std::lock_guard lock(mutex_);
    if (Status open = check_open(); !open.is_ok()) return open;
    if (before_offset > high_watermark_ || before_offset < 0) {
      return Status(Code::kOffsetOutOfRange,
                    name_ + ": records up to " + std::to_string(before_offset) +
                        " are not below the high watermark " + std::to_string(high_watermark_));
    }
    if (before_offset <= log_start_offset_) return Status::ok();
    move_log_start_locked(before_offset);
    queue_work_locked();
    // The checkpoints are written by the chores, and an idle partition has none.
    if (!std::exchange(chores_queued_, true) && context_->chores.push(shared_from_this())) {
      context_->chores.wake();
    }
  }
  context_->moved(*this);
  return Status::ok();
}

void PartitionLogImpl::move_log_start_locked(int64_t offset) {
  log_start_offset_ = offset;
  changed_ = true;
  context_->checkpoints_changed();
}

LoadOptions PartitionLogImpl::load_options() const {
  const LogConfig config = this->config();
  LoadOptions options;
  options.allow_gaps = config.compact;
  options.index_interval_bytes = config.index_interval_bytes;
  const std::lock_guard lock(mutex_);
  options.recovery_point = durable_offset_;
  options.log_start_offset = log_start_offset_;
  return options;
}

// Runs `act` while appends wait and none is under way. What fails in it leaves memory and disk
// apart, so that the directory goes offline.
template <typename Act>
Status PartitionLogImpl::with_appends_stopped(Act act) {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    std::unique_lock lock(mutex_);
    if (Status open = check_open(); !open.is_ok()) return open;
    truncating_ = true;
    wait_for_appends(lock);
  }
  Status status = act();
  if (!status.is_ok()) context_->fail(status);
  {
    const std::lock_guard lock(mutex_);
    truncating_ = false;
    prepared_.notify_all();
    queue_work_locked();
  }
  return status;
}

Status PartitionLogImpl::truncate_to(int64_t offset) {
  if (offset < 0) return Status(Code::kInvalidArgument, "truncate to a negative offset");
  {
    const std::lock_guard lock(mutex_);
    if (offset >= reserved_end_offset_ && reservations_.in_flight() == 0) {
      drop_epochs_locked(offset);
      return check_open();
    }
  }
  Status status = with_appends_stopped([&]() -> Status {
    bool everything = false;
    {
      const std::lock_guard lock(mutex_);
      if (offset >= published_end_offset_) return Status::ok();
      everything = offset < segments_.front()->base_offset;
    }
    if (everything) return replace_all(offset);
    Result<Cut> cut = find_cut(offset);
    if (!cut.is_ok()) return cut.take_status();
    return cut_back(cut.value());
  });
  context_->moved(*this);
  return status;
}

// Epochs that began here or later and have no record any more: a follower that kept one would ask
// its leader for it again and again (KIP-279).
void PartitionLogImpl::drop_epochs_locked(int64_t offset) {
  if (replicas_.role() == PartitionRole::kLeader) return;
  if (epochs_.truncate_from_end(offset)) epochs_changed_ = changed_ = true;
}

// At a batch's beginning: one that holds `offset` in its middle goes whole.
Result<PartitionLogImpl::Cut> PartitionLogImpl::find_cut(int64_t offset) {
  Cut cut;
  std::shared_ptr<Segment> segment;
  {
    const std::lock_guard lock(mutex_);
    cut.segment_index = segment_index_of(offset);
    segment = segments_[cut.segment_index];
  }
  BatchWalker walker(*context_, *segment,
                     {segment->published_bytes, segment->allocated_bytes, true});
  Result<uint64_t> position = walker.find_offset(0, offset);
  if (!position.is_ok()) return position.take_status();
  cut.position = position.value();
  cut.offset = offset;
  if (cut.position < segment->published_bytes) {
    Result<BatchHeader> header = walker.header_at(cut.position);
    if (!header.is_ok()) return header.take_status();
    cut.offset = std::min(header.value().base_offset, offset);
  }
  return cut;
}

// First nobody may see what goes, then the checkpoint must not vouch for it, then it goes.
Status PartitionLogImpl::cut_back(const Cut& cut) {
  Segments removed;
  std::shared_ptr<Segment> segment;
  uint64_t old_end = 0;
  {
    const std::lock_guard lock(mutex_);
    segment = segments_[cut.segment_index];
    old_end = segment->published_bytes;
    removed.assign(segments_.begin() + static_cast<std::ptrdiff_t>(cut.segment_index) + 1,
                   segments_.end());
    published_end_offset_ = reserved_end_offset_ = cut.offset;
    durable_offset_ = std::min(durable_offset_, cut.offset);
    log_start_offset_ = std::min(log_start_offset_, cut.offset);
    high_watermark_ = std::min(high_watermark_, cut.offset);
    drop_epochs_locked(cut.offset);
    segment->published_bytes = segment->reserved_bytes = cut.position;
    segment->write_mapping.reset();
    ++truncations_;
  }
  if (Status written = write_epochs(Durability::kEntry); !written.is_ok()) return written;
  LoadOptions options = load_options();
  const int64_t high_watermark = context_->checkpoints.of(name_).high_watermark;
  context_->checkpoints.set(name_,
                            {options.recovery_point, options.log_start_offset, high_watermark});
  Status status = context_->checkpoints.write();
  while (status.is_ok() && !removed.empty()) {
    status = remove_segment_files(context_->files, removed.back()->stem);
    removed.pop_back();
  }
  if (status.is_ok()) status = remove_index_files(context_->files, segment->stem);
  if (status.is_ok()) status = context_->files.sync_directory(directory_);
  if (status.is_ok()) status = zero_after(*segment, cut.position, old_end);
  if (!status.is_ok()) return status;
  Result<LoadedLog> loaded = recover_log(*context_, directory_, options);
  if (!loaded.is_ok()) return loaded.take_status();
  loaded.value().report = report_;
  install_locked_maintenance(loaded.take());
  return Status::ok();
}

// Through the page cache, where readers' mappings see it at once.
Status PartitionLogImpl::zero_after(Segment& segment, uint64_t position, uint64_t end) {
  Result<std::shared_ptr<File>> file = segment.file();
  if (!file.is_ok()) return file.take_status();
  static constexpr std::array<uint8_t, kZeroPiece> kZeros = {};
  while (position < end) {
    const uint64_t step = std::min<uint64_t>(kZeroPiece, end - position);
    const ByteView piece[] = {ByteView(kZeros.data(), step)};
    if (Status written = file.value()->write_at(piece, position); !written.is_ok()) return written;
    position += step;
  }
  return file.value()->sync_data();
}

Status PartitionLogImpl::truncate_fully_and_start_at(int64_t offset) {
  if (offset < 0) return Status(Code::kInvalidArgument, "start at a negative offset");
  Status status = with_appends_stopped([&] { return replace_all(offset); });
  context_->moved(*this);
  return status;
}

Status PartitionLogImpl::replace_all(int64_t offset) {
  Segments removed;
  {
    const std::lock_guard lock(mutex_);
    removed = segments_;
    published_end_offset_ = reserved_end_offset_ = durable_offset_ = high_watermark_ = offset;
    log_start_offset_ = offset;
    for (const auto& segment : removed) segment->published_bytes = segment->reserved_bytes = 0;
    ++truncations_;
  }
  context_->checkpoints.set(name_, {0, 0});
  Status status = context_->checkpoints.write();
  while (status.is_ok() && !removed.empty()) {
    status = remove_segment_files(context_->files, removed.back()->stem);
    removed.pop_back();
  }
  LoadOptions options = load_options();
  options.log_start_offset = offset;
  options.recovery_point = 0;
  if (status.is_ok()) status = context_->files.sync_directory(directory_);
  if (!status.is_ok()) return status;
  Result<LoadedLog> loaded = recover_log(*context_, directory_, options);
  if (!loaded.is_ok()) return loaded.take_status();
  loaded.value().report = report_;
  loaded.value().epochs.clear();
  install_locked_maintenance(loaded.take());
  status = context_->files.sync_directory(directory_);
  if (!status.is_ok()) return status;
  context_->checkpoints.set(name_, {offset, offset});
  return context_->checkpoints.write();
}

}  // namespace millrace
