// What recovery does with the batches that a scan finds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "control_record.h"
#include "log_loader.h"
#include "segment.h"
#include "segment_scan.h"

namespace millrace {

// Feeds what a scan finds to the indexes of its segment and to the partition's state.
class StateBuilder final : public BatchConsumer {
 public:
  StateBuilder(LoadedLog& loaded, Segment& segment, uint32_t index_interval_bytes)
      : loaded_(loaded), segment_(segment), index_interval_bytes_(index_interval_bytes) {}

  void on_batch(const BatchHeader& header, uint64_t position, ByteView batch) override {
    segment_.indexes->on_batch(header, position, index_interval_bytes_);
    if (segment_.first_timestamp_ms < 0) segment_.first_timestamp_ms = header.max_timestamp;
    loaded_.epochs.assign(header.leader_epoch, header.base_offset);
    if (!header.has_producer()) return;
    if (!header.is_control()) {
      loaded_.producers.append(header);
    } else if (const auto marker = parse_end_transaction_marker(batch)) {
      const auto aborted = loaded_.producers.append_marker(header, *marker);
      if (aborted) segment_.indexes->transactions.append(*aborted);
    }
  }

 private:
  LoadedLog& loaded_;
  Segment& segment_;
  const uint32_t index_interval_bytes_;
};

// Holds indexes against the end of their segment, from the last entry of the time index on.
class TailOfSegment final : public BatchConsumer {
 public:
  explicit TailOfSegment(const SegmentIndexes& indexes)
      : largest_(indexes.largest_timestamp),
        last_entry_(indexes.offsets.floor_position(UINT32_MAX)),
        from_(indexes.offsets.floor(largest_.offset).position),
        has_largest_(largest_.timestamp_ms < 0) {}

  uint32_t from() const { return from_; }
  void on_batch(const BatchHeader& header, uint64_t position, ByteView) override {
    larger_ = larger_ || header.max_timestamp > largest_.timestamp_ms;
    const bool holds_largest =
        header.base_offset <= largest_.offset && largest_.offset <= header.last_offset();
    has_largest_ = has_largest_ || (holds_largest && header.max_timestamp == largest_.timestamp_ms);
    if (from_ + position < last_entry_) return;
    unindexed_bytes_ = from_ + position - last_entry_;
    has_control_ = has_control_ || header.is_control();
  }
  // No timestamp is larger than the indexes say, and nothing that is theirs stands behind their
  // last entry: indexes that were written before the segment ended know less than it holds.
  bool is_covered(uint64_t index_gap_bytes_max) const {
    return has_largest_ && !larger_ && !has_control_ && unindexed_bytes_ <= index_gap_bytes_max;
  }

 private:
  const TimestampedOffset largest_;
  const uint32_t last_entry_;
  const uint32_t from_;
  bool has_largest_;
  bool larger_ = false;
  uint64_t unindexed_bytes_ = 0;  // without the last batch
  bool has_control_ = false;
};

}  // namespace millrace
