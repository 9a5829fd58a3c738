// A partition's part among its replicas: it leads them or follows one of them, and what that makes
// of its high watermark.
#include <algorithm>
#include <utility>

#include "partition_log_impl.h"

namespace millrace {

// The epoch begins at the log's end. Its file is written with the next checkpoint: until a record
// of the epoch is on disk nobody has to know of it.
Status PartitionLogImpl::lead(int32_t local_id, const InSyncSet& set) {
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    if (Status checked = check_new_epoch(set.leader_epoch); !checked.is_ok()) return checked;
    begin_replication_locked();
    leader_epoch_ = set.leader_epoch;
    if (epochs_.assign(leader_epoch_, reserved_end_offset_)) epochs_changed_ = changed_ = true;
    const bool durable = context_->options.flush == FlushPolicy::kGroup;
    const int64_t now_ns = context_->clock.monotonic_ns();
    replicas_.lead(set, {local_id, reserved_end_offset_, durable, now_ns});
    moved = move_high_watermark_locked();
    context_->checkpoints_changed();
  }
  if (moved) context_->moved(*this);
  return Status::ok();
}

Status PartitionLogImpl::follow(int32_t leader_epoch) {
  const std::lock_guard lock(mutex_);
  if (Status checked = check_new_epoch(leader_epoch); !checked.is_ok()) return checked;
  begin_replication_locked();
  leader_epoch_ = leader_epoch;
  replicas_.follow(leader_epoch);
  return Status::ok();
}

bool PartitionLogImpl::set_in_sync(const InSyncSet& set) {
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    if (!replicas_.change(set)) return false;
    moved = move_high_watermark_locked();
  }
  if (moved) context_->moved(*this);
  return true;
}

bool PartitionLogImpl::report_replica(const ReplicaReport& report) {
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now_ns = context_->clock.monotonic_ns();
    if (!replicas_.report(report, published_end_offset_, now_ns)) return false;
    moved = move_high_watermark_locked();
  }
  if (moved) context_->moved(*this);
  return true;
}

std::vector<ReplicaView> PartitionLogImpl::replicas() const {
  const std::lock_guard lock(mutex_);
  return replicas_.view(high_watermark_, context_->clock.monotonic_ns());
}

bool PartitionLogImpl::follow_high_watermark(int32_t leader_epoch, int64_t high_watermark) {
  {
    const std::lock_guard lock(mutex_);
    const bool follows =
        replicas_.role() == PartitionRole::kFollower && replicas_.leader_epoch() == leader_epoch;
    if (!follows) return false;
    const int64_t raised = std::min(high_watermark, published_end_offset_);
    if (raised <= high_watermark_) return true;
    high_watermark_ = raised;
    producers_.on_high_watermark(high_watermark_);
    context_->checkpoints_changed();
  }
  context_->moved(*this);
  return true;
}

int32_t PartitionLogImpl::last_epoch() const {
  const std::lock_guard lock(mutex_);
  return epochs_.latest_epoch();
}

Status PartitionLogImpl::check_new_epoch(int32_t leader_epoch) const {
  if (Status open = check_open(); !open.is_ok()) return open;
  if (leader_epoch >= leader_epoch_) return Status::ok();
  return Status(Code::kFencedLeaderEpoch, name_ + " is in leader epoch " +
                                              std::to_string(leader_epoch_) + ", not " +
                                              std::to_string(leader_epoch));
}

// Whoever has companions cannot know at once what they have: it begins with what it knew last. One
// that has served alone is alone in the in-sync set when it gets companions, and keeps what it has
// shown.
void PartitionLogImpl::begin_replication_locked() {
  if (replicas_.role() != PartitionRole::kAlone) return;
  const int64_t known = context_->checkpoints.of(name_).high_watermark;
  high_watermark_ = std::clamp(known, log_start_offset_, published_end_offset_);
  producers_.on_high_watermark(high_watermark_);
}

// True when it moved. It never falls: what was shown to a reader stays committed.
bool PartitionLogImpl::move_high_watermark_locked() {
  const int64_t own_promise =
      context_->options.flush == FlushPolicy::kGroup ? durable_offset_ : published_end_offset_;
  if (replicas_.role() == PartitionRole::kAlone) {
    high_watermark_ = own_promise;
  } else {
    const std::optional<int64_t> promised = replicas_.promised_by_all(own_promise);
    if (!promised || *promised <= high_watermark_) return false;
    high_watermark_ = *promised;
    context_->checkpoints_changed();
  }
  producers_.on_high_watermark(high_watermark_);
  return true;
}

}  // namespace millrace
