// What keeps appends short, done off their threads: allocating and zeroing ahead, trimming what
// rolled, writing its indexes and snapshots, starting write-back.
#include <algorithm>
#include <utility>

#include "file_io.h"
#include "log_file_names.h"
#include "partition_log_impl.h"

namespace millrace {
namespace {

// An fdatasync of the same file waits for the piece that is being written back.
constexpr uint64_t kZeroPiece = 256u << 10;

constexpr double kExtentLastsNs = 8e9;

bool ready_to_finish(const Segment& segment) {
  return segment.rolled && !segment.finished && segment.published_bytes == segment.reserved_bytes &&
         segment.synced_bytes == segment.reserved_bytes;
}

}  // namespace

// Less than half of an extent is left, or some of it still waits for its zeros.
bool PartitionLogImpl::wants_extent_locked() const {
  const Segment& segment = active();
  if (segment.usable_bytes < segment.allocated_bytes) return true;
  if (segment.allocated_bytes == 0 || prepare_failed_) return false;
  const uint64_t left = segment.usable_bytes - segment.reserved_bytes;
  return left < next_extent_bytes_ / 2 && segment.allocated_bytes < extent_limit_;
}

// Three quarters of what was left when the next extent became due have gone since.
bool PartitionLogImpl::extent_runs_short_locked() const {
  return wants_extent_locked() &&
         active().usable_bytes - active().reserved_bytes < next_extent_bytes_ / 8;
}

// The next extent is to last kExtentLastsNs at the rate since the one before; it doubles or halves.
void PartitionLogImpl::next_extent_locked() {
  const int64_t now_ns = context_->clock.monotonic_ns();
  const int64_t took_ns = now_ns - std::exchange(extent_began_ns_, now_ns);
  const uint64_t bytes = appended_bytes_ - std::exchange(extent_began_bytes_, appended_bytes_);
  const DirectoryOptions& options = context_->options;
  const double wanted_bytes = static_cast<double>(bytes) * kExtentLastsNs /
                              static_cast<double>(std::max<int64_t>(took_ns, 1));
  if (wanted_bytes > static_cast<double>(next_extent_bytes_)) {
    next_extent_bytes_ = std::min(next_extent_bytes_ * 2, options.max_extent_bytes);
  } else if (wanted_bytes < static_cast<double>(next_extent_bytes_) / 4) {
    next_extent_bytes_ = std::max(next_extent_bytes_ / 2, options.first_extent_bytes);
  }
}

bool PartitionLogImpl::needs_chores_locked() const {
  if (closed_) return false;
  const bool snapshot_due =
      !pending_snapshots_.empty() && pending_snapshots_.front().first <= durable_offset_;
  if (snapshot_due || wants_extent_locked()) return true;
  const Segment& segment = active();
  if (segment.published_bytes - segment.writeback_bytes >= context_->options.writeback_bytes) {
    return true;
  }
  for (auto rolled = segments_.rbegin() + 1; rolled != segments_.rend(); ++rolled) {
    if ((*rolled)->finished) break;
    if (ready_to_finish(**rolled)) return true;
  }
  return false;
}

Result<PartitionLogImpl::ChoresDone> PartitionLogImpl::run_chores() {
  const std::lock_guard maintenance(maintenance_mutex_);
  {
    const std::lock_guard lock(mutex_);
    chores_queued_ = chores_hurried_ = false;
    if (closed_ || report_.quarantined) return ChoresDone::kLittle;
    if (reservations_.in_flight() == 0) retired_mappings_.clear();
  }
  Status status = start_writeback();
  if (status.is_ok()) status = finish_rolled_segments();
  if (status.is_ok()) status = write_pending_snapshots(0);
  if (!status.is_ok()) return status;
  Result<ChoresDone> prepared = prepare_extent();
  if (!prepared.is_ok()) return prepared;
  const std::lock_guard lock(mutex_);
  queue_work_locked();
  return prepared;
}

Status PartitionLogImpl::start_writeback() {
  std::shared_ptr<Segment> segment;
  uint64_t from = 0;
  uint64_t to = 0;
  {
    const std::lock_guard lock(mutex_);
    segment = segments_.back();
    from = segment->writeback_bytes;
    to = segment->published_bytes;
    if (to - from < context_->options.writeback_bytes) return Status::ok();
    segment->writeback_bytes = to;
  }
  Result<std::shared_ptr<File>> file = segment->file();
  if (!file.is_ok()) return file.take_status();
  return file.value()->start_writeback(from, to - from);
}

Status PartitionLogImpl::finish_rolled_segments() {
  for (;;) {
    std::shared_ptr<Segment> segment;
    {
      const std::lock_guard lock(mutex_);
      for (const auto& candidate : segments_) {
        if (ready_to_finish(*candidate)) {
          segment = candidate;
          break;
        }
      }
      if (!segment) return Status::ok();
    }
    Status finished = finish_segment(segment, segment->published_bytes);
    if (!finished.is_ok()) return finished;
  }
}

// Nothing writes to the segment any more, and no view reaches past its published end: it may
// shrink. Caller holds maintenance_mutex_.
Status PartitionLogImpl::finish_segment(const std::shared_ptr<Segment>& segment,
                                        uint64_t log_bytes) {
  Result<std::shared_ptr<File>> file = segment->file();
  if (!file.is_ok()) return file.take_status();
  {
    const std::lock_guard lock(mutex_);
    segment->write_mapping.reset();
  }
  if (Status trimmed = file.value()->truncate(log_bytes); !trimmed.is_ok()) return trimmed;
  const std::shared_ptr<SegmentIndexes> indexes = segment->indexes;
  Status written = write_indexes(context_->files, segment->stem, *indexes, true);
  if (!written.is_ok()) return written;
  segment->set_sealed_indexes(indexes);
  const std::lock_guard lock(mutex_);
  segment->allocated_bytes = segment->usable_bytes = log_bytes;
  segment->indexes.reset();
  segment->finished = true;
  segment->release_file();
  return Status::ok();
}

// A snapshot may be believed only when the log below it is on disk, or deleted. One that finds no
// room stays due. Caller holds maintenance_mutex_.
Status PartitionLogImpl::write_pending_snapshots(int64_t up_to_offset) {
  for (;;) {
    std::pair<int64_t, std::vector<uint8_t>> snapshot;
    {
      const std::lock_guard lock(mutex_);
      if (pending_snapshots_.empty() ||
          pending_snapshots_.front().first > std::max(up_to_offset, durable_offset_)) {
        return Status::ok();
      }
      snapshot = pending_snapshots_.front();
    }
    const std::string path =
        directory_ + '/' + log_file_name(snapshot.first, log_suffix::kProducerSnapshot);
    // A later one that is found stands for all before it.
    Status written = replace_file(context_->files, path, snapshot.second, Durability::kEntry);
    if (!written.is_ok()) return written;
    const std::lock_guard lock(mutex_);
    pending_snapshots_.erase(pending_snapshots_.begin());
  }
}

// One step: an extent allocated, or one piece of it zeroed. No append reaches what is worked on,
// because usable_bytes moves only when the step is done; one that needs it waits for prepared_.
Result<PartitionLogImpl::ChoresDone> PartitionLogImpl::prepare_extent() {
  std::shared_ptr<Segment> segment;
  uint64_t from = 0;
  uint64_t to = 0;
  bool zero = false;
  const bool zeroes_ahead = context_->options.flush == FlushPolicy::kGroup;
  {
    const std::lock_guard lock(mutex_);
    if (!wants_extent_locked()) return ChoresDone::kLittle;
    segment = segments_.back();
    zero = segment->usable_bytes < segment->allocated_bytes;
    from = zero ? segment->usable_bytes : segment->allocated_bytes;
    to = zero ? std::min(from + kZeroPiece, segment->allocated_bytes)
              : std::min(from + next_extent_bytes_, extent_limit_);
    preparing_ = true;
  }
  Result<std::shared_ptr<File>> file = segment->file();
  Status status = file.status();
  if (status.is_ok()) {
    status =
        zero ? file.value()->write_zeros(from, to - from) : file.value()->allocate(from, to - from);
  }
  const std::lock_guard lock(mutex_);
  preparing_ = false;
  prepared_.notify_all();
  if (status.code() == Code::kNoSpace && !zero) {
    prepare_failed_ = true;  // the append that needs the space will ask again, and say so
    return ChoresDone::kLittle;
  }
  if (!status.is_ok()) return status;
  if (zero || !zeroes_ahead) segment->usable_bytes = to;
  if (!zero) {
    segment->allocated_bytes = to;
    next_extent_locked();
  }
  return ChoresDone::kPrepared;
}

}  // namespace millrace
