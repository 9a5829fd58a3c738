// The only reasons to change a producer's batch: message.timestamp.type=LogAppendTime stamps its
// header, a compression.type of the topic replaces its codec, and a header that is wrong about its
// records' timestamps is put right, as Kafka does. The CRC is computed anew.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "compression.h"
#include "status.h"

namespace millrace {

struct RewriteOptions {
  Compression compression = Compression::kNone;  // what it is to be
  int compression_level = 0;
  int64_t log_append_time_ms = -1;  // -1: the records keep their own timestamps
  // What the header says of them is to be this.
  std::optional<int64_t> max_timestamp;
  uint64_t max_decompressed_bytes = 64u << 20;
};

// `batch` is one whole, validated batch with `header`.
Result<std::vector<uint8_t>> rewrite_batch(const ChunkList& batch, const BatchHeader& header,
                                           const RewriteOptions& options);

}  // namespace millrace
