// The walk over the bytes of a segment, batch by batch, that recovery and every rebuilding of an
// index stand on. Pure: takes bytes, touches no file.
#pragma once

#include <cstdint>
#include <string>

#include "batch.h"
#include "bytes.h"

namespace millrace {

class BatchConsumer {
 public:
  virtual ~BatchConsumer() = default;
  // `batch` is whole and passed the scan's checks.
  virtual void on_batch(const BatchHeader& header, uint64_t position, ByteView batch) = 0;
};

struct SegmentScanOptions {
  int64_t next_offset = 0;    // the base offset that the first batch must have
  int32_t leader_epoch = -1;  // no batch may have a smaller one
  bool check_crc = true;
  bool allow_gaps = false;  // compacted: offsets rise, but need not continue
};

struct SegmentScanEnd {
  uint64_t position = 0;    // behind the last good batch
  int64_t next_offset = 0;  // likewise
  int32_t leader_epoch = -1;
  std::string reason;  // what stands there instead of a batch; empty at the end of the bytes
};

// Stops at the first bytes that are no good batch: zeros, a bad length, magic, CRC or count, an
// offset that does not continue, an epoch that falls.
SegmentScanEnd scan_segment(ByteView bytes, const SegmentScanOptions& options,
                            BatchConsumer& consumer);

// The position behind the last byte that is not zero.
uint64_t end_of_content(ByteView bytes);

}  // namespace millrace
