// The active segment: when it rolls, and the space and the mapping that appends go into. All under
// the partition's mutex, and short: what takes long is prepared by the chores.
#include <algorithm>
#include <utility>

#include "partition_log_impl.h"

namespace millrace {
namespace {

constexpr uint64_t kAllocationUnit = 4096;

uint64_t round_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

bool PartitionLogImpl::must_roll(const Segment& active, const PreparedAppend& append,
                                 const LogConfig& config) const {
  if (active.reserved_bytes == 0) return false;
  if (append.size_bytes > config.segment_bytes ||
      active.reserved_bytes > config.segment_bytes - append.size_bytes) {
    return true;
  }
  const BatchHeader& last = append.batches().back().header;
  if (last.last_offset() - active.base_offset > INT32_MAX) return true;
  const int64_t newest = append.batches().front().header.max_timestamp;
  return newest >= 0 && active.first_timestamp_ms >= 0 &&
         newest - active.first_timestamp_ms > config.segment_ms;
}

// Nothing changed when it fails.
Status PartitionLogImpl::roll_locked() {
  if (active().reserved_bytes == 0 && active().file_exists()) return Status::ok();
  if (Status indexed = ensure_indexes(active()); !indexed.is_ok()) return indexed;
  auto next = std::make_shared<Segment>(*context_, directory_, reserved_end_offset_);
  if (active().base_offset == next->base_offset) return active().create_file();
  if (Status created = next->create_file(); !created.is_ok()) return created;
  next->created_ms = context_->clock.wall_ms();
  next->indexes = std::make_shared<SegmentIndexes>(next->base_offset);
  Segment& rolled = active();
  rolled.indexes->seal();
  rolled.rolled = true;
  pending_snapshots_.emplace_back(reserved_end_offset_, producers_.serialize());
  segments_.push_back(std::move(next));
  durable_position_ = 0;
  changed_ = true;
  queue_work_locked();
  return Status::ok();
}

// After a clean start the indexes of the active segment are read at its first append.
Status PartitionLogImpl::ensure_indexes(Segment& active) {
  if (active.indexes) return Status::ok();
  Result<std::shared_ptr<SegmentIndexes>> indexes =
      read_indexes(context_->files, active.stem, active.base_offset, active.reserved_bytes);
  if (!indexes.is_ok()) {
    Result<std::shared_ptr<File>> file = active.file();
    if (!file.is_ok()) return file.take_status();
    indexes = rebuild_indexes(*file.value(), active.base_offset, active.reserved_bytes);
    if (!indexes.is_ok()) return indexes.take_status();
  }
  active.indexes = indexes.take();
  active.indexes->largest_timestamp = active.largest_timestamp;
  return Status::ok();
}

// Makes [reserved, end) safe to write: allocated, and out of the way of the zeroing.
Status PartitionLogImpl::ensure_space(Segment& active, uint64_t end, uint64_t segment_bytes) {
  if (end <= active.usable_bytes) return Status::ok();
  extent_limit_ = round_up(segment_bytes, kAllocationUnit);
  if (end <= active.allocated_bytes) {
    active.usable_bytes = active.allocated_bytes;  // takes over what is not zeroed yet
    return Status::ok();
  }
  if (Status created = active.create_file(); !created.is_ok()) return created;
  Result<std::shared_ptr<File>> file = active.file();
  if (!file.is_ok()) return file.take_status();
  const uint64_t needed = round_up(end, kAllocationUnit);
  const uint64_t segment_end = std::max(extent_limit_, needed);
  uint64_t wanted = std::clamp(active.allocated_bytes + next_extent_bytes_, needed, segment_end);
  const uint64_t from = active.allocated_bytes;
  Status allocated = file.value()->allocate(from, wanted - from);
  if (allocated.code() == Code::kNoSpace && wanted > needed) {
    wanted = needed;
    allocated = file.value()->allocate(from, wanted - from);
  }
  if (!allocated.is_ok()) return allocated;
  active.allocated_bytes = active.usable_bytes = wanted;
  prepare_failed_ = false;
  next_extent_locked();
  return Status::ok();
}

// One mapping over the whole segment: the file grows under it.
Status PartitionLogImpl::ensure_mapping(Segment& active, uint64_t end, uint64_t segment_bytes) {
  if (active.write_mapping && active.write_mapping->size_bytes() >= end) return Status::ok();
  // Copies under way write through the old mapping.
  if (active.write_mapping) retired_mappings_.push_back(std::move(active.write_mapping));
  Result<std::shared_ptr<File>> file = active.file();
  if (!file.is_ok()) return file.take_status();
  Result<std::shared_ptr<Mapping>> mapping = file.value()->map(
      0, round_up(std::max(end, segment_bytes), kAllocationUnit), MapAccess::kReadWrite);
  if (!mapping.is_ok()) return mapping.take_status();
  active.write_mapping = mapping.take();
  return Status::ok();
}

}  // namespace millrace
