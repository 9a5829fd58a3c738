// The read: what to read is planned under the partition's mutex, done outside it through windows.
#include <algorithm>
#include <utility>

#include "batch_walker.h"
#include "partition_log_impl.h"

namespace millrace {

// One snapshot of what a read may touch.
struct PartitionLogImpl::ReadPlan {
  std::shared_ptr<Segment> segment;  // null: there is nothing to read
  uint64_t end = 0;                  // of the published bytes of the segment
  uint64_t file_bytes = 0;
  uint64_t start_hint = 0;           // a batch at or before the offset; of the active segment
  int64_t limit_offset = INT64_MAX;  // INT64_MAX: all of the segment is below the limit
  bool sealed = false;               // the indexes have to be asked outside the lock
  uint64_t truncations = 0;
  LogState state;
};

Status PartitionLogImpl::plan_read(const ReadOptions& options, ReadPlan& plan) const {
  const std::lock_guard lock(mutex_);
  plan.state = state_locked();
  if (plan.state.offline) {
    return context_->offline() ? context_->offline_reason()
                               : Status(Code::kOffline, name_ + ": " + report_.reason);
  }
  if (options.offset < log_start_offset_ || options.offset > published_end_offset_) {
    return Status(Code::kOffsetOutOfRange, name_ + " holds offsets " +
                                               std::to_string(log_start_offset_) + " to " +
                                               std::to_string(published_end_offset_) + ", not " +
                                               std::to_string(options.offset));
  }
  const int64_t limit = std::min(options.limit_offset, published_end_offset_);
  if (options.offset >= limit) return Status::ok();
  const size_t index = segment_index_of(options.offset);
  const std::shared_ptr<Segment>& segment = segments_[index];
  const int64_t segment_end =
      index + 1 < segments_.size() ? segments_[index + 1]->base_offset : published_end_offset_;
  plan.segment = segment;
  plan.end = segment->published_bytes;
  plan.file_bytes = segment->allocated_bytes;
  plan.truncations = truncations_;
  if (limit < segment_end) plan.limit_offset = limit;
  if (limit == durable_offset_ && index + 1 == segments_.size() && durable_position_ > 0) {
    plan.end = durable_position_;
    plan.limit_offset = INT64_MAX;
  }
  if (segment->indexes) {
    plan.start_hint = segment->indexes->offsets.floor(options.offset).position;
  } else {
    plan.sealed = true;
  }
  return Status::ok();
}

Result<ReadSlice> PartitionLogImpl::read(const ReadOptions& options) {
  for (;;) {
    ReadPlan plan;
    Status planned = plan_read(options, plan);
    if (!planned.is_ok()) return planned;
    ReadSlice slice;
    slice.state = plan.state;
    if (!plan.segment) return slice;
    Result<ReadSlice> result = execute_read(options, plan);
    {
      // A truncation in between may have changed the bytes under the walk.
      const std::lock_guard lock(mutex_);
      if (truncations_ != plan.truncations) continue;
    }
    if (result.is_ok()) result.value().state = plan.state;
    return result;
  }
}

// An index is a file that may be damaged: what it says is held against the log, and when it is
// wrong it is built anew. Both that and its first reading block.
Result<uint64_t> PartitionLogImpl::find_in_sealed(BatchWalker& walker, Segment& segment,
                                                  int64_t offset) {
  const BatchWalker::Range& range = walker.range();
  auto cached = segment.cached_indexes();
  if (!cached && !range.may_block) {
    return Status(Code::kCold, "the index of " + segment.log_path() + " is not in memory");
  }
  auto indexes = cached ? Result<std::shared_ptr<const SegmentIndexes>>(std::move(cached))
                        : segment.sealed_indexes(range.end);
  if (!indexes.is_ok()) return indexes.take_status();
  OffsetPosition floor = indexes.value()->offsets.floor(offset);
  if (floor.position > 0) {
    Result<BatchHeader> header = walker.header_at(floor.position);
    const bool fits = header.is_ok() && header.value().last_offset() == floor.offset;
    if (!fits && !header.is_ok() && header.status().code() != Code::kCorruptLog) {
      return header.take_status();
    }
    if (!fits && !range.may_block) {
      return Status(Code::kCold, "the index of " + segment.log_path() + " does not fit");
    }
    if (!fits) {
      indexes = segment.rebuild_sealed_indexes(range.end);
      if (!indexes.is_ok()) return indexes.take_status();
      floor = indexes.value()->offsets.floor(offset);
    }
  }
  return walker.find_offset(floor.position, offset);
}

Result<ReadSlice> PartitionLogImpl::execute_read(const ReadOptions& options, const ReadPlan& plan) {
  Segment& segment = *plan.segment;
  BatchWalker walker(*context_, segment, {plan.end, plan.file_bytes, options.may_block});
  Result<uint64_t> found = plan.sealed ? find_in_sealed(walker, segment, options.offset)
                                       : walker.find_offset(plan.start_hint, options.offset);
  if (!found.is_ok()) return found.take_status();
  const uint64_t start = found.value();
  ReadSlice slice;
  if (start >= plan.end) return slice;
  Result<BatchHeader> first = walker.header_at(start);
  if (!first.is_ok()) return first.take_status();
  const uint64_t first_end = start + first.value().size_bytes();
  if (first.value().base_offset >= plan.limit_offset) return slice;
  if (first_end - start > options.max_bytes && !options.at_least_one) return slice;
  const uint64_t window_end = (start / ReadWindows::kWindowBytes + 1) * ReadWindows::kWindowBytes;
  if (first_end > window_end) {
    if (Status resident = walker.require_resident(start, first_end); !resident.is_ok()) {
      return resident;
    }
    slice.copied.resize(first_end - start);
    if (Status copied = walker.copy(start, slice.copied); !copied.is_ok()) return copied;
    slice.data = slice.copied.data();
    slice.size_bytes = slice.copied.size();
    return slice;
  }
  const uint64_t most = std::min({plan.end, window_end, start + options.max_bytes});
  uint64_t end = first_end;
  while (end < most) {
    Result<BatchHeader> header = walker.header_at(end);
    if (header.status().code() == Code::kCold) break;
    if (!header.is_ok()) return header.take_status();
    const uint64_t next = end + header.value().size_bytes();
    if (next > most || header.value().base_offset >= plan.limit_offset) break;
    end = next;
  }
  if (Status resident = walker.require_resident(start, end); !resident.is_ok()) return resident;
  Result<ReadWindow> window = walker.window_at(start, end);
  if (!window.is_ok()) return window.take_status();
  slice.mapping = window.value().mapping;
  slice.window_id = window.value().id;
  slice.window_offset = start - window.value().begin;
  slice.data = slice.mapping->data() + slice.window_offset;
  slice.size_bytes = end - start;
  return slice;
}

}  // namespace millrace
