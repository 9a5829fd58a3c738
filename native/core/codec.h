// What compression.cc and the four codecs share; nobody else includes it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes.h"
#include "compression.h"
#include "status.h"

namespace millrace::codec {

// The sink behind the cap on output. A codec that gets false from write() returns status() at once.
class Output {
 public:
  Output(OutputSink& sink, uint64_t max_bytes)
      : sink_(sink), max_bytes_(max_bytes), left_(max_bytes) {}

  bool write(ByteView piece) {
    if (piece.empty()) return true;
    if (piece.size() > left_) return refuse();
    left_ -= piece.size();
    stopped_ = !sink_.write(piece);
    return !stopped_;
  }
  bool refuse() {
    too_large_ = true;
    return false;
  }
  uint64_t left() const { return left_; }
  // The sink wants no more: not a failure, but kClosed within the codecs, so that each just returns
  // it.
  bool stopped() const { return stopped_; }
  Status status() const {
    if (stopped_) return Status(Code::kClosed);
    if (!too_large_) return Status::ok();
    return Status(Code::kTooLarge,
                  "the records decompress to more than " + std::to_string(max_bytes_) + " bytes");
  }

 private:
  OutputSink& sink_;
  const uint64_t max_bytes_;
  uint64_t left_;
  bool stopped_ = false;
  bool too_large_ = false;
};

inline Status corrupt(const char* codec, const char* what) {
  return Status(Code::kUndecodable, std::string(codec) + ": " + what);
}

// What streaming decompressors write into before it goes to the sink; one for each thread, as no
// thread decompresses two things at once.
MutableBytes thread_output_buffer();

Status gzip_decompress(const ChunkList& input, Output& output);
Status snappy_decompress(const ChunkList& input, Output& output);
Status lz4_decompress(const ChunkList& input, Output& output);
Status zstd_decompress(const ChunkList& input, Output& output);

Result<std::vector<uint8_t>> gzip_compress(ByteView input, int level);
Result<std::vector<uint8_t>> snappy_compress(ByteView input);
Result<std::vector<uint8_t>> lz4_compress(ByteView input, int level);
Result<std::vector<uint8_t>> zstd_compress(ByteView input, int level);

}  // namespace millrace::codec
