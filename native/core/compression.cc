#include "compression.h"

#include <string>

#include "codec.h"

namespace millrace {
namespace {

class CollectingSink final : public OutputSink {
 public:
  bool write(ByteView piece) override {
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
    return true;
  }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

Status unknown(Compression codec) {
  return Status(Code::kUnsupportedCompression,
                "unknown compression codec " + std::to_string(static_cast<int>(codec)));
}

Status pass_through(const ChunkList& input, codec::Output& output) {
  for (const ByteView& chunk : input.chunks()) {
    if (!output.write(chunk)) return output.status();
  }
  return Status::ok();
}

Status decompress_into(Compression codec, const ChunkList& input, codec::Output& output) {
  switch (codec) {
    case Compression::kNone:
      return pass_through(input, output);
    case Compression::kGzip:
      return codec::gzip_decompress(input, output);
    case Compression::kSnappy:
      return codec::snappy_decompress(input, output);
    case Compression::kLz4:
      return codec::lz4_decompress(input, output);
    case Compression::kZstd:
      return codec::zstd_decompress(input, output);
  }
  return unknown(codec);
}

}  // namespace

namespace codec {

MutableBytes thread_output_buffer() {
  constexpr size_t kOutputBytes = 128u << 10;
  thread_local std::vector<uint8_t> buffer(kOutputBytes);
  return buffer;
}

}  // namespace codec

Status decompress(Compression codec, const ChunkList& input, uint64_t max_output_bytes,
                  OutputSink& sink) {
  codec::Output output(sink, max_output_bytes);
  Status status = decompress_into(codec, input, output);
  return output.stopped() ? Status::ok() : status;
}

Result<std::vector<uint8_t>> decompress_all(Compression codec, const ChunkList& input,
                                            uint64_t max_output_bytes) {
  CollectingSink sink;
  Status status = decompress(codec, input, max_output_bytes, sink);
  if (!status.is_ok()) return status;
  return sink.take();
}

Result<std::vector<uint8_t>> compress(Compression codec, ByteView input, int level) {
  switch (codec) {
    case Compression::kNone:
      return std::vector<uint8_t>(input.begin(), input.end());
    case Compression::kGzip:
      return codec::gzip_compress(input, level);
    case Compression::kSnappy:
      return codec::snappy_compress(input);
    case Compression::kLz4:
      return codec::lz4_compress(input, level);
    case Compression::kZstd:
      return codec::zstd_compress(input, level);
  }
  return unknown(codec);
}

}  // namespace millrace
