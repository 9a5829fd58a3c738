#include "partition_log_impl.h"

#include <algorithm>
#include <utility>

#include "file_io.h"
#include "log_file_names.h"

namespace millrace {

PartitionLogImpl::PartitionLogImpl(std::shared_ptr<DirectoryContext> context, std::string name,
                                   const LogConfig& config, LoadedLog loaded)
    : context_(std::move(context)),
      name_(std::move(name)),
      directory_(context_->path + '/' + name_),
      config_(config) {
  next_extent_bytes_ = context_->options.first_extent_bytes;
  take_loaded(std::move(loaded));
}

PartitionLogImpl::~PartitionLogImpl() = default;

// Everything loaded is on disk: recovery syncs what it kept.
void PartitionLogImpl::take_loaded(LoadedLog loaded) {
  report_ = std::move(loaded.report);
  changed_ = !report_.was_clean;
  segments_ = std::move(loaded.segments);
  directory_entry_synced_ = active().file_exists();
  producers_ = std::move(loaded.producers);
  epochs_ = std::move(loaded.epochs);
  leader_epoch_ = std::max(epochs_.latest_epoch(), 0);
  log_start_offset_ = loaded.log_start_offset;
  reserved_end_offset_ = published_end_offset_ = durable_offset_ = loaded.end_offset;
  durable_position_ = active().published_bytes;
  size_bytes_ = 0;
  for (const auto& segment : segments_) size_bytes_ += segment->published_bytes;
  high_watermark_ = replicas_.role() == PartitionRole::kAlone
                        ? loaded.end_offset
                        : std::min(high_watermark_, loaded.end_offset);
  producers_.on_high_watermark(high_watermark_);
}

void PartitionLogImpl::install(LoadedLog loaded) {
  {
    const std::lock_guard maintenance(maintenance_mutex_);
    install_locked_maintenance(std::move(loaded));
  }
  context_->moved(*this);
}

// Caller holds maintenance_mutex_, and no append is under way.
void PartitionLogImpl::install_locked_maintenance(LoadedLog loaded) {
  const std::lock_guard lock(mutex_);
  context_->remove_unwritten(unsynced_bytes_);
  unsynced_bytes_ = 0;
  const int32_t leader_epoch = leader_epoch_;
  take_loaded(std::move(loaded));
  leader_epoch_ = std::max(leader_epoch_, leader_epoch);
  pending_snapshots_.clear();
  epochs_changed_ = false;
  ++truncations_;
  changed_ = true;
}

LogState PartitionLogImpl::state() const {
  const std::lock_guard lock(mutex_);
  return state_locked();
}

LogState PartitionLogImpl::state_locked() const {
  LogState state;
  state.log_start_offset = log_start_offset_;
  state.log_end_offset = published_end_offset_;
  state.durable_offset = durable_offset_;
  state.high_watermark = high_watermark_;
  const std::optional<int64_t> unstable = producers_.first_unstable_offset();
  state.last_stable_offset =
      unstable ? std::clamp(*unstable, log_start_offset_, high_watermark_) : high_watermark_;
  state.leader_epoch = leader_epoch_;
  state.size_bytes = size_bytes_;
  state.segments = static_cast<uint32_t>(segments_.size());
  state.offline = context_->offline() || report_.quarantined;
  return state;
}

size_t PartitionLogImpl::segment_index_of(int64_t offset) const {
  const auto above = std::upper_bound(
      segments_.begin(), segments_.end(), offset,
      [](int64_t wanted, const auto& segment) { return wanted < segment->base_offset; });
  return above == segments_.begin() ? 0 : static_cast<size_t>(above - segments_.begin()) - 1;
}

void PartitionLogImpl::queue_work_locked() { wake(collect_work_locked()); }

void PartitionLogImpl::wake(WorkWakes wakes) const {
  if (wakes.flushes) context_->flushes.wake();
  if (wakes.chores) context_->chores.wake();
}

PartitionLogImpl::WorkWakes PartitionLogImpl::collect_work_locked() {
  WorkWakes wakes;
  if (!flush_queued_ && needs_flush_locked()) {
    flush_queued_ = true;
    wakes.flushes = context_->flushes.push(shared_from_this());
  }
  if (context_->options.flush == FlushPolicy::kInterval && context_->wants_sync()) {
    context_->flushes.hurry();
  }
  if (!chores_queued_ && needs_chores_locked()) {
    chores_queued_ = true;
    wakes.chores = context_->chores.push(shared_from_this());
  }
  if (const bool short_of_space = chores_queued_ && extent_runs_short_locked();
      short_of_space != chores_hurried_) {
    chores_hurried_ = short_of_space;
    if (short_of_space) context_->chores.hurry(this);
  }
  return wakes;
}

void PartitionLogImpl::wait_for_appends(std::unique_lock<std::mutex>& lock) {
  ++appends_awaited_;
  appends_done_.wait(lock, [this] { return reservations_.in_flight() == 0; });
  --appends_awaited_;
}

bool PartitionLogImpl::epochs_changed() const {
  const std::lock_guard lock(mutex_);
  return epochs_changed_;
}

LogConfig PartitionLogImpl::config() const {
  const std::lock_guard lock(config_mutex_);
  return config_;
}

void PartitionLogImpl::configure(const LogConfig& config) {
  const std::lock_guard lock(config_mutex_);
  config_ = config;
}

bool PartitionLogImpl::quarantined() const {
  const std::lock_guard lock(mutex_);
  return report_.quarantined;
}

EpochEndOffset PartitionLogImpl::end_offset_for_epoch(int32_t leader_epoch) const {
  const std::lock_guard lock(mutex_);
  return epochs_.end_offset_for(leader_epoch, published_end_offset_);
}

Status PartitionLogImpl::set_leader_epoch(int32_t leader_epoch) {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (leader_epoch < leader_epoch_) {
      return Status(Code::kFencedLeaderEpoch, name_ + " is in leader epoch " +
                                                  std::to_string(leader_epoch_) + ", not " +
                                                  std::to_string(leader_epoch));
    }
    leader_epoch_ = leader_epoch;
    if (epochs_.assign(leader_epoch, reserved_end_offset_)) epochs_changed_ = changed_ = true;
  }
  // Also what an earlier call assigned and found no room for.
  return write_epochs(Durability::kEntry);
}

// Caller holds maintenance_mutex_.
Status PartitionLogImpl::write_epochs(Durability durability) {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    if (!epochs_changed_) return Status::ok();
    epochs_changed_ = false;
    text = epochs_.serialize();
  }
  Status written = replace_file(context_->files, directory_ + '/' + std::string(kLeaderEpochFile),
                                bytes_of(text), durability);
  if (written.is_ok()) return written;
  {
    const std::lock_guard lock(mutex_);
    epochs_changed_ = true;
  }
  if (written.code() == Code::kIoError) context_->fail(written);
  return written;
}

std::vector<ProducerStateView> PartitionLogImpl::producers() const {
  const std::lock_guard lock(mutex_);
  return producers_.view();
}

// The offsets are taken first: the recovery that believes them scans nothing below, so the epochs
// of what lies there must be in their file by then.
Status PartitionLogImpl::update_checkpoint(Durability durability) {
  const std::lock_guard maintenance(maintenance_mutex_);
  OffsetCheckpoints::Offsets offsets;
  {
    const std::lock_guard lock(mutex_);
    if (deleted_ || report_.quarantined) return Status::ok();
    const bool alone = replicas_.role() == PartitionRole::kAlone;
    offsets = {durable_offset_, log_start_offset_, alone ? 0 : high_watermark_};
  }
  Status written = write_epochs(durability);
  if (written.is_ok()) context_->checkpoints.set(name_, offsets);
  return written;
}

Status PartitionLogImpl::write_changed_epochs(Durability durability) {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (deleted_ || report_.quarantined) return Status::ok();
  }
  return write_epochs(durability);
}

uint64_t PartitionLogImpl::mapped_bytes() const {
  const std::lock_guard lock(mutex_);
  return active().write_mapping ? active().write_mapping->size_bytes() : 0;
}

void PartitionLogImpl::add_statistics(LogDirectory::Statistics& statistics) const {
  const std::lock_guard lock(mutex_);
  statistics.appended_bytes += appended_bytes_;
  statistics.appended_batches += appended_batches_;
  statistics.appended_records += appended_records_;
  statistics.mapped_bytes += active().write_mapping ? active().write_mapping->size_bytes() : 0;
  ++statistics.open_partitions;
}

}  // namespace millrace
