// gzip (RFC 1952): one member or several, one behind the other.
#include <memory>

#include "codec.h"
#include "third_party/zlib/zlib.h"

namespace millrace::codec {
namespace {

constexpr int kGzipWindow = MAX_WBITS + 16;  // zlib: 16 asks for a gzip header and trailer

class Inflater {
 public:
  Inflater() : ready_(inflateInit2(&stream_, kGzipWindow) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool reset() { return ready_ && inflateReset(&stream_) == Z_OK; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_ = {};
  bool ready_;
};

class Deflater {
 public:
  explicit Deflater(int level)
      : ready_(deflateInit2(&stream_, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) ==
               Z_OK) {}
  ~Deflater() {
    if (ready_) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_ = {};
  bool ready_;
};

}  // namespace

Status gzip_decompress(const ChunkList& input, Output& output) {
  thread_local Inflater inflater;
  if (!inflater.reset()) return corrupt("gzip", "out of memory");
  z_stream& stream = inflater.stream();
  const MutableBytes buffer = thread_output_buffer();
  bool member_ended = false;
  for (const ByteView& chunk : input.chunks()) {
    stream.next_in = const_cast<Bytef*>(chunk.data());
    stream.avail_in = static_cast<uInt>(chunk.size());
    bool output_was_full = false;
    while (stream.avail_in > 0 || output_was_full) {
      if (member_ended) {
        if (!inflater.reset()) return corrupt("gzip", "out of memory");
        member_ended = false;
      }
      stream.next_out = buffer.data();
      stream.avail_out = static_cast<uInt>(buffer.size());
      const int result = inflate(&stream, Z_NO_FLUSH);
      // Z_BUF_ERROR: nothing to do until more input comes.
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return corrupt("gzip", stream.msg != nullptr ? stream.msg : "not a gzip stream");
      }
      if (!output.write(buffer.first(buffer.size() - stream.avail_out))) return output.status();
      member_ended = result == Z_STREAM_END;
      output_was_full = !member_ended && stream.avail_out == 0;
    }
  }
  return member_ended ? Status::ok() : corrupt("gzip", "the stream is cut short");
}

Result<std::vector<uint8_t>> gzip_compress(ByteView input, int level) {
  const int zlib_level = level == 0 ? Z_DEFAULT_COMPRESSION : std::clamp(level, -1, 9);
  Deflater deflater(zlib_level);
  if (!deflater.ready()) return corrupt("gzip", "out of memory");
  z_stream& stream = deflater.stream();
  std::vector<uint8_t> result(deflateBound(&stream, input.size()));
  stream.next_in = const_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return corrupt("gzip", "cannot compress");
  result.resize(stream.total_out);
  return result;
}

}  // namespace millrace::codec
