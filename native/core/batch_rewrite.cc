#include "batch_rewrite.h"

#include <cstring>
#include <span>
#include <utility>

#include "big_endian.h"
#include "chunk_copy.h"
#include "crc32c.h"

namespace millrace {
namespace {

using namespace batch_format;

// Header and records joined, the records in the codec that is asked for.
Result<std::vector<uint8_t>> recompress(const ChunkList& batch, const BatchHeader& header,
                                        const RewriteOptions& options) {
  std::vector<uint8_t> bytes = join_chunks(batch.chunks(), 0, header.size_bytes());
  if (header.compression() == options.compression) return bytes;
  const ByteView stored[] = {ByteView(bytes).subspan(kHeaderSize)};
  std::vector<uint8_t> records;
  ByteView plain = stored[0];
  if (header.compression() != Compression::kNone) {
    Result<std::vector<uint8_t>> decompressed =
        decompress_all(header.compression(), ChunkList(stored), options.max_decompressed_bytes);
    if (!decompressed.is_ok()) return decompressed.take_status();
    records = decompressed.take();
    plain = records;
  }
  if (options.compression != Compression::kNone) {
    Result<std::vector<uint8_t>> compressed =
        compress(options.compression, plain, options.compression_level);
    if (!compressed.is_ok()) return compressed.take_status();
    records = compressed.take();
  }
  bytes.resize(kHeaderSize);
  bytes.insert(bytes.end(), records.begin(), records.end());
  return bytes;
}

}  // namespace

Result<std::vector<uint8_t>> rewrite_batch(const ChunkList& batch, const BatchHeader& header,
                                           const RewriteOptions& options) {
  Result<std::vector<uint8_t>> rewritten = recompress(batch, header, options);
  if (!rewritten.is_ok()) return rewritten;
  std::vector<uint8_t>& bytes = rewritten.value();
  uint16_t attributes =
      header.attributes & static_cast<uint16_t>(~(kCompressionMask | kTimestampTypeMask));
  attributes |= static_cast<uint16_t>(options.compression);
  if (options.log_append_time_ms >= 0) {
    attributes |= kTimestampTypeMask;
    store_big_endian(bytes.data() + kMaxTimestamp, options.log_append_time_ms);
  } else if (options.max_timestamp) {
    store_big_endian(bytes.data() + kMaxTimestamp, *options.max_timestamp);
  }
  store_big_endian(bytes.data() + kAttributes, attributes);
  store_big_endian(bytes.data() + kLength, static_cast<int32_t>(bytes.size() - kLogOverhead));
  store_big_endian(bytes.data() + kCrc, crc32c(0, ByteView(bytes).subspan(kAttributes)));
  return rewritten;
}

}  // namespace millrace
