// The only two reasons to change a producer's batch: message.timestamp.type=LogAppendTime stamps
// its header, and a compression.type of the topic replaces its codec. The CRC is computed anew.
#pragma once

#include <cstdint>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "compression.h"
#include "status.h"

namespace millrace {

struct RewriteOptions {
  Compression compression = Compression::kNone;  // what it is to be
  int compression_level = 0;
  int64_t log_append_time_ms = -1;  // -1 leaves the timestamps
  uint64_t max_decompressed_bytes = 64u << 20;
};

// `batch` is one whole, validated batch with `header`.
Result<std::vector<uint8_t>> rewrite_batch(const ChunkList& batch, const BatchHeader& header,
                                           const RewriteOptions& options);

}  // namespace millrace
