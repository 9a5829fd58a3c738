// The append: validate outside the lock, check and reserve under it, copy outside, publish in
// order.
#include <algorithm>
#include <cstring>
#include <utility>

#include "big_endian.h"
#include "chunk_copy.h"
#include "partition_log_impl.h"

namespace millrace {
namespace {

using namespace batch_format;

// Base offset, length and leader epoch: what the log writes itself, outside the batch's CRC.
constexpr size_t kPatchedBytes = kMagic;

// Above it the bytes go through the file even when smaller ones go through the mapping: one copy by
// the kernel is then cheaper than a page fault for every 4 KiB (measured, MB/s mapped and written:
// 1 KiB 65 and 65, 4 KiB 123 and 144, 8 KiB 176 and 235). Under group commit every sync makes the
// pages fault again, so that it pays earlier (1 KiB: 0.08 ms of an acknowledgement's 0.65; 31 KiB:
// 223 and 310 MB/s). Both reach the same pages of the page cache.
constexpr size_t kMappedAppendMaxBytes = 2u << 10;
constexpr size_t kMappedAppendMaxBytesGroup = 512;

// What a follower fetched may be more than one of its segments takes: it gets one to itself.
uint64_t segment_bytes_max(AppendOrigin origin, const LogConfig& config) {
  return origin == AppendOrigin::kReplica ? uint64_t{INT32_MAX} : config.segment_bytes;
}

}  // namespace

Result<AppendResult> PartitionLogImpl::append(const ChunkList& records,
                                              const AppendOptions& options) {
  if (context_->offline()) return context_->offline_reason();
  const LogConfig config = this->config();
  Result<PreparedAppend> prepared = prepare(records, options, config);
  if (!prepared.is_ok()) return prepared.take_status();
  PreparedAppend& append = prepared.value();
  Place place;
  {
    std::unique_lock lock(mutex_);
    Status reserved = reserve(lock, append, config, place);
    if (!reserved.is_ok()) {
      lock.unlock();
      if (reserved.code() == Code::kIoError) context_->fail(reserved);
      return reserved;
    }
  }
  AppendResult result;
  result.log_append_time_ms = append.log_append_time_ms;
  result.log_start_offset = append.log_start_offset;
  if (append.duplicate_first_offset >= 0) {
    result.base_offset = append.duplicate_first_offset;
    result.last_offset = append.duplicate_last_offset;
    result.duplicate = true;
    return result;
  }
  Status copied = copy_in(append, place);
  if (!copied.is_ok()) {
    context_->fail(copied);
    abandon_reservation();
    return context_->offline_reason();
  }
  publish(place.ticket);
  result.base_offset = append.batches().front().header.base_offset;
  result.last_offset = append.batches().back().header.last_offset();
  return result;
}

Status PartitionLogImpl::check_open() const {
  if (closed_) return Status(Code::kClosed, name_ + " is closed");
  if (context_->offline()) return context_->offline_reason();
  if (report_.quarantined) return Status(Code::kOffline, name_ + ": " + report_.reason);
  return Status::ok();
}

Status PartitionLogImpl::check_leader_epoch(int32_t leader_epoch) const {
  if (leader_epoch < 0 || leader_epoch == leader_epoch_) return Status::ok();
  return Status(leader_epoch < leader_epoch_ ? Code::kFencedLeaderEpoch : Code::kUnknownLeaderEpoch,
                name_ + " is in leader epoch " + std::to_string(leader_epoch_) + ", not " +
                    std::to_string(leader_epoch));
}

// A follower is written by its leader, and nobody else is.
Status PartitionLogImpl::check_role(const AppendOptions& options) const {
  const bool follows = replicas_.role() == PartitionRole::kFollower;
  if (follows == (options.origin == AppendOrigin::kReplica)) return Status::ok();
  if (!follows && replicas_.role() == PartitionRole::kAlone) return Status::ok();
  return Status(Code::kNotLeader, name_ + (follows ? " follows another broker" : " is led here"));
}

Status PartitionLogImpl::check_producers(const PreparedAppend& append) const {
  for (const PreparedBatch& batch : append.batches()) {
    if (!batch.header.has_producer()) continue;
    Status status = batch.header.is_control()
                        ? (batch.marker ? producers_.check_marker(batch.header, *batch.marker,
                                                                  append.options.origin)
                                        : Status::ok())
                        : producers_.check(batch.header, append.options.origin);
    if (!status.is_ok()) return status;
  }
  return Status::ok();
}

void PartitionLogImpl::assign_offsets(PreparedAppend& append) const {
  int64_t next = reserved_end_offset_;
  for (PreparedBatch& batch : append.batches()) {
    batch.header.base_offset = next;
    batch.header.leader_epoch = leader_epoch_;
    next = batch.header.last_offset() + 1;
  }
}

// A follower's batches carry the leader's offsets and epochs: both rise, gaps are compaction's.
Status PartitionLogImpl::check_replica_offsets(const PreparedAppend& append) const {
  int64_t next = reserved_end_offset_;
  int32_t epoch = epochs_.latest_epoch();
  for (const PreparedBatch& batch : append.batches()) {
    if (batch.header.base_offset < next) {
      return Status(Code::kOffsetOutOfRange, name_ + " ends at " + std::to_string(next) +
                                                 ", a batch from the leader is at " +
                                                 std::to_string(batch.header.base_offset));
    }
    if (batch.header.leader_epoch < epoch) {
      return Status(Code::kFencedLeaderEpoch, name_ + " holds leader epoch " +
                                                  std::to_string(epoch) +
                                                  ", a batch from the leader has " +
                                                  std::to_string(batch.header.leader_epoch));
    }
    next = batch.header.last_offset() + 1;
    epoch = batch.header.leader_epoch;
  }
  return Status::ok();
}

bool PartitionLogImpl::must_wait_for_space(const PreparedAppend& append) const {
  return truncating_ ||
         (preparing_ && active().reserved_bytes + append.size_bytes > active().usable_bytes);
}

// Either everything is reserved, or the log is as before.
Status PartitionLogImpl::reserve(std::unique_lock<std::mutex>& lock, PreparedAppend& append,
                                 const LogConfig& config, Place& place) {
  // Waiting for the chores lets go of the lock: then all that was checked is checked again.
  for (;;) {
    Status status = check_open();
    if (status.is_ok()) status = check_leader_epoch(append.options.leader_epoch);
    if (status.is_ok()) status = check_role(append.options);
    if (!status.is_ok()) return status;
    append.log_start_offset = log_start_offset_;
    const BatchHeader& first = append.batches().front().header;
    if (append.options.origin == AppendOrigin::kClient && first.has_producer()) {
      if (const ProducedBatch* const duplicate = producers_.find_duplicate(first)) {
        append.duplicate_first_offset = duplicate->first_offset();
        append.duplicate_last_offset = duplicate->last_offset;
        return Status::ok();
      }
    }
    status = check_producers(append);
    if (status.is_ok() && append.options.origin == AppendOrigin::kReplica) {
      status = check_replica_offsets(append);
    } else {
      assign_offsets(append);
    }
    if (!status.is_ok()) return status;
    if (must_wait_for_space(append)) {
      prepared_.wait(lock, [&] { return !must_wait_for_space(append); });
      continue;
    }
    status = find_place(append, config, place);
    if (status.is_ok()) commit_reservation(append, config, place);
    return status;
  }
}

bool PartitionLogImpl::goes_through_mapping(uint64_t size_bytes) const {
  const bool group = context_->options.flush == FlushPolicy::kGroup;
  return context_->mapped_writes &&
         size_bytes <= (group ? kMappedAppendMaxBytesGroup : kMappedAppendMaxBytes);
}

Status PartitionLogImpl::find_place(const PreparedAppend& append, const LogConfig& config,
                                    Place& place) {
  if (append.size_bytes > segment_bytes_max(append.options.origin, config)) {
    return Status(Code::kTooLarge, "append of " + std::to_string(append.size_bytes) +
                                       " bytes is larger than a segment of " +
                                       std::to_string(config.segment_bytes));
  }
  if (must_roll(active(), append, config)) {
    if (Status rolled = roll_locked(); !rolled.is_ok()) return rolled;
  }
  Segment& segment = active();
  if (Status indexed = ensure_indexes(segment); !indexed.is_ok()) return indexed;
  const uint64_t end = segment.reserved_bytes + append.size_bytes;
  if (Status space = ensure_space(segment, end, config.segment_bytes); !space.is_ok()) return space;
  place.segment = &segment;
  place.position = segment.reserved_bytes;
  if (!goes_through_mapping(append.size_bytes)) {
    Result<std::shared_ptr<File>> file = segment.file();
    if (!file.is_ok()) return file.take_status();
    place.file = file.value().get();
    return Status::ok();
  }
  if (Status mapped = ensure_mapping(segment, end, config.segment_bytes); !mapped.is_ok())
    return mapped;
  place.mapping = segment.write_mapping.get();
  place.target = place.mapping->data() + place.position;
  return Status::ok();
}

// Cannot fail.
void PartitionLogImpl::commit_reservation(PreparedAppend& append, const LogConfig& config,
                                          Place& place) {
  Segment& segment = *place.segment;
  uint64_t position = place.position;
  for (const PreparedBatch& batch : append.batches()) {
    const BatchHeader& header = batch.header;
    if (segment.first_timestamp_ms < 0) segment.first_timestamp_ms = header.max_timestamp;
    segment.indexes->on_batch(header, position, config.index_interval_bytes);
    if (header.has_producer() && !header.is_control()) producers_.append(header);
    if (header.has_producer() && batch.marker) {
      const auto aborted = producers_.append_marker(header, *batch.marker);
      if (aborted) segment.indexes->transactions.append(*aborted);
    }
    if (epochs_.assign(header.leader_epoch, header.base_offset)) epochs_changed_ = true;
    position += header.size_bytes();
  }
  segment.largest_timestamp = segment.indexes->largest_timestamp;
  const BatchHeader& last = append.batches().back().header;
  leader_epoch_ = std::max(leader_epoch_, last.leader_epoch);
  reserved_end_offset_ = last.last_offset() + 1;
  segment.reserved_bytes = position;
  changed_ = true;
  place.ticket = reservations_.push({&segment, reserved_end_offset_, position, append.records_count,
                                     static_cast<uint32_t>(append.batches().size()), false});
}

// The first bytes of each batch come from a patched copy, the others straight from the source.
Status PartitionLogImpl::copy_in(const PreparedAppend& append, const Place& place) const {
  ChunkCursor source(append.chunks());
  uint64_t position = place.position;
  for (const PreparedBatch& batch : append.batches()) {
    uint8_t patched[kPatchedBytes];
    store_big_endian(patched + kBaseOffset, batch.header.base_offset);
    store_big_endian(patched + kLength, batch.header.length);
    store_big_endian(patched + kLeaderEpoch, batch.header.leader_epoch);
    source.skip(kPatchedBytes);
    const size_t rest = batch.header.size_bytes() - kPatchedBytes;
    if (place.target != nullptr) {
      uint8_t* const target = place.target + (position - place.position);
      std::memcpy(target, patched, kPatchedBytes);
      source.copy(target + kPatchedBytes, rest);
    } else {
      ByteViews pieces;
      pieces.push_back({patched, kPatchedBytes});
      source.take(rest, pieces);
      Status written = place.file->write_at(pieces.span(), position);
      if (!written.is_ok()) return written;
    }
    position += batch.header.size_bytes();
  }
  if (place.mapping != nullptr && place.mapping->failed()) {
    return Status(Code::kIoError, "write through the mapping of " + place.segment->log_path());
  }
  return Status::ok();
}

void PartitionLogImpl::publish(uint64_t ticket) {
  bool moved = false;
  WorkWakes wakes;
  {
    const std::lock_guard lock(mutex_);
    reservations_.mark_done(ticket);
    moved = publish_done_locked();
    if (moved) wakes = collect_work_locked();
    if (reservations_.in_flight() == 0 && appends_awaited_) appends_done_.notify_all();
  }
  wake(wakes);
  if (moved) context_->moved(*this);
}

bool PartitionLogImpl::publish_done_locked() {
  uint64_t bytes = 0;
  while (reservations_.front_done()) {
    const Reservation done = reservations_.pop();
    published_end_offset_ = done.end_offset;
    bytes += done.end_position - done.segment->published_bytes;
    done.segment->published_bytes = done.end_position;
    appended_records_ += done.records;
    appended_batches_ += done.batches;
  }
  if (bytes == 0) return false;
  appended_bytes_ += bytes;
  size_bytes_ += bytes;
  unsynced_bytes_ += bytes;
  context_->add_unwritten(bytes);
  move_high_watermark_locked();
  return true;
}

// The directory is offline: nothing of this partition is published any more.
void PartitionLogImpl::abandon_reservation() {
  const std::lock_guard lock(mutex_);
  reservations_.abandon_one();
  appends_done_.notify_all();
}

}  // namespace millrace
