// Offsets by time, and the aborted transactions of a range: what the indexes are for besides reads.
#include <algorithm>
#include <utility>
#include <vector>

#include "batch_walker.h"
#include "compression.h"
#include "partition_log_impl.h"
#include "record.h"

namespace millrace {
namespace {

using namespace batch_format;

constexpr uint64_t kDecompressedBytesMax = 256u << 20;

// The first record of `batch` at or after `timestamp_ms` and `from_offset`; offset -1: none.
Result<TimestampedOffset> find_record(const BatchHeader& header, ByteView batch,
                                      int64_t timestamp_ms, int64_t from_offset) {
  ByteView records = batch.subspan(kHeaderSize);
  std::vector<uint8_t> decompressed;
  if (header.compression() != Compression::kNone) {
    const ByteView chunks[] = {records};
    Result<std::vector<uint8_t>> plain =
        decompress_all(header.compression(), ChunkList(chunks), kDecompressedBytesMax);
    if (!plain.is_ok()) return plain.take_status();
    decompressed = plain.take();
    records = decompressed;
  }
  RecordIterator iterator(records);
  RecordView record;
  while (iterator.next(record)) {
    const int64_t offset = header.base_offset + record.layout.offset_delta;
    const int64_t timestamp = header.is_log_append_time()
                                  ? header.max_timestamp
                                  : header.base_timestamp + record.layout.timestamp_delta;
    if (timestamp >= timestamp_ms && offset >= from_offset)
      return TimestampedOffset{timestamp, offset};
  }
  return TimestampedOffset{};
}

}  // namespace

std::vector<PartitionLogImpl::SearchStart> PartitionLogImpl::segments_with_timestamp(
    int64_t timestamp_ms, int64_t from_offset) const {
  const std::lock_guard lock(mutex_);
  std::vector<SearchStart> found;
  for (const auto& segment : segments_) {
    if (segment->published_bytes == 0 || segment->largest_timestamp.timestamp_ms < timestamp_ms) {
      continue;
    }
    SearchStart start = {segment,     segment->published_bytes,    segment->allocated_bytes,
                         from_offset, segment->indexes == nullptr, 0};
    if (!start.sealed) {
      const int64_t offset =
          std::max(segment->indexes->times.floor(timestamp_ms).offset, from_offset);
      start.position = segment->indexes->offsets.floor(offset).position;
    }
    found.push_back(std::move(start));
  }
  return found;
}

// Of a batch before which the segment has no record at or after `timestamp_ms`. What the time index
// says is held against the log, as a read holds the offset index.
Result<uint64_t> PartitionLogImpl::first_position(BatchWalker& walker, const SearchStart& start,
                                                  int64_t timestamp_ms) {
  if (!start.sealed) return start.position;
  Segment& segment = *start.segment;
  Result<std::shared_ptr<const SegmentIndexes>> indexes = segment.sealed_indexes(start.end);
  if (!indexes.is_ok()) return indexes.take_status();
  TimestampedOffset floor = indexes.value()->times.floor(timestamp_ms);
  if (floor.timestamp_ms >= 0) {
    Result<uint64_t> position = find_in_sealed(walker, segment, floor.offset);
    if (!position.is_ok()) return position;
    bool fits = false;
    if (position.value() < start.end) {
      Result<BatchHeader> header = walker.header_at(position.value());
      if (!header.is_ok()) return header.take_status();
      fits = header.value().base_offset <= floor.offset &&
             header.value().max_timestamp == floor.timestamp_ms;
    }
    if (!fits) {
      indexes = segment.rebuild_sealed_indexes(start.end);
      if (!indexes.is_ok()) return indexes.take_status();
      floor = indexes.value()->times.floor(timestamp_ms);
    }
  }
  return find_in_sealed(walker, segment, std::max(floor.offset, start.from_offset));
}

Result<TimestampOffset> PartitionLogImpl::search_timestamp(const SearchStart& start,
                                                           int64_t timestamp_ms) {
  BatchWalker walker(*context_, *start.segment, {start.end, start.file_bytes, true});
  Result<uint64_t> first = first_position(walker, start, timestamp_ms);
  if (!first.is_ok()) return first.take_status();
  uint64_t position = first.value();
  while (position < start.end) {
    Result<BatchHeader> header = walker.header_at(position);
    if (!header.is_ok()) return header.take_status();
    const BatchHeader& batch = header.value();
    if (batch.max_timestamp >= timestamp_ms && batch.last_offset() >= start.from_offset) {
      std::vector<uint8_t> bytes(batch.size_bytes());
      if (Status copied = walker.copy(position, bytes); !copied.is_ok()) return copied;
      Result<TimestampedOffset> record = find_record(batch, bytes, timestamp_ms, start.from_offset);
      if (!record.is_ok()) return record.take_status();
      if (record.value().offset >= 0) {
        const std::lock_guard lock(mutex_);
        return TimestampOffset{record.value().timestamp_ms, record.value().offset,
                               epochs_.epoch_at(record.value().offset)};
      }
    }
    position += batch.size_bytes();
  }
  return TimestampOffset{};
}

Result<TimestampOffset> PartitionLogImpl::offset_for_timestamp(int64_t timestamp_ms) {
  int64_t from_offset = 0;
  {
    const std::lock_guard lock(mutex_);
    from_offset = log_start_offset_;
  }
  return first_record_since(timestamp_ms, from_offset);
}

Result<TimestampOffset> PartitionLogImpl::first_record_since(int64_t timestamp_ms,
                                                             int64_t from_offset) {
  for (const SearchStart& start : segments_with_timestamp(timestamp_ms, from_offset)) {
    Result<TimestampOffset> found = search_timestamp(start, timestamp_ms);
    if (!found.is_ok() || found.value().offset >= 0) return found;
  }
  return TimestampOffset{};
}

// The first record that has the largest timestamp of all that is stored. As Kafka, it may lie below
// the log start as long as its segment is there.
Result<TimestampOffset> PartitionLogImpl::max_timestamp() {
  int64_t largest_ms = -1;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& segment : segments_) {
      if (segment->published_bytes == 0) continue;
      largest_ms = std::max(largest_ms, segment->largest_timestamp.timestamp_ms);
    }
  }
  if (largest_ms < 0) return TimestampOffset{};
  return first_record_since(largest_ms, 0);
}

std::vector<AbortedTransaction> PartitionLogImpl::aborted_transactions(int64_t from,
                                                                       int64_t to) const {
  std::vector<AbortedTransaction> found;
  std::vector<std::pair<std::shared_ptr<Segment>, uint64_t>> sealed;
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = segment_index_of(from); i < segments_.size(); ++i) {
      if (segments_[i]->indexes) {
        // Later than all that are sealed: collected below, after them.
        continue;
      }
      sealed.emplace_back(segments_[i], segments_[i]->published_bytes);
    }
  }
  for (const auto& [segment, log_bytes] : sealed) {
    Result<std::shared_ptr<const SegmentIndexes>> indexes = segment->sealed_indexes(log_bytes);
    if (indexes.is_ok() && indexes.value()->transactions.collect(from, to, found)) return found;
  }
  const std::lock_guard lock(mutex_);
  for (size_t i = segment_index_of(from); i < segments_.size(); ++i) {
    if (!segments_[i]->indexes) continue;
    if (segments_[i]->indexes->transactions.collect(from, to, found)) break;
  }
  return found;
}

}  // namespace millrace
