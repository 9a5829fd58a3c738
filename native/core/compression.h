// The codecs of record batches, linked in: gzip, snappy (both framings), lz4 (frame), zstd.
// Ids are those of the attributes of a record batch (KIP-98): 0 none 1 gzip 2 snappy 3 lz4 4 zstd.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bytes.h"
#include "status.h"

namespace millrace {

enum class Compression : uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// Decompresses as a stream, in pieces, so that a small input cannot make a large allocation.
// `sink` gets each piece in order and returns false to stop early. More than `max_output_bytes` is
// kTooLarge; input that does not decode is kUndecodable.
class OutputSink {
 public:
  virtual ~OutputSink() = default;
  virtual bool write(ByteView piece) = 0;
};
Status decompress(Compression codec, const ChunkList& input, uint64_t max_output_bytes,
                  OutputSink& sink);
Result<std::vector<uint8_t>> decompress_all(Compression codec, const ChunkList& input,
                                            uint64_t max_output_bytes);
// `level` 0 takes the codec's default; snappy is written in the xerial framing that Kafka's Java
// clients read, lz4 as a frame with independent 64 KiB blocks as Kafka writes it.
Result<std::vector<uint8_t>> compress(Compression codec, ByteView input, int level);

}  // namespace millrace
