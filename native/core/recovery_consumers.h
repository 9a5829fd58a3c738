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

// What an index must know of the batches behind its last entry.
class TailOfSegment final : public BatchConsumer {
 public:
  void on_batch(const BatchHeader& header, uint64_t position, ByteView) override {
    largest_timestamp_ms = std::max(largest_timestamp_ms, header.max_timestamp);
    bytes = position;
    has_control = has_control || header.is_control();
  }
  int64_t largest_timestamp_ms = -1;
  uint64_t bytes = 0;  // without the last batch
  bool has_control = false;
};

}  // namespace millrace
