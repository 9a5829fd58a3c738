// Snappy in its two framings: one raw block (librdkafka and most others), or the stream of the Java
// library snappy-java ("xerial"): magic, two versions, then blocks each behind its length.
#include <array>
#include <cstring>

#include "big_endian.h"
#include "codec.h"
#include "third_party/snappy/snappy.h"

namespace millrace::codec {
namespace {

constexpr std::array<uint8_t, 8> kXerialMagic = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr size_t kXerialHeaderBytes = 16;
constexpr int32_t kXerialVersion = 1;
constexpr size_t kXerialBlockBytes = 32u << 10;
// The densest element is a copy of 64 bytes in 3; a block that promises more than this lies.
constexpr size_t kHighestRatio = 22;

// The whole input, one byte range at a time: as a view where a chunk holds it, else joined.
class Reader {
 public:
  explicit Reader(const ChunkList& input) : chunks_(input.chunks()), left_(input.size_bytes()) {}

  size_t left() const { return left_; }
  // The next `count` bytes, at most left(); valid until the next call.
  ByteView take(size_t count) {
    while (count > 0 && at_ == chunks_[chunk_].size()) advance();
    left_ -= count;
    if (count == 0) return {};
    if (chunks_[chunk_].size() - at_ >= count) {
      const ByteView view = chunks_[chunk_].subspan(at_, count);
      at_ += count;
      return view;
    }
    joined_.clear();
    while (joined_.size() < count) {
      if (at_ == chunks_[chunk_].size()) advance();
      const ByteView rest = chunks_[chunk_].subspan(at_);
      const ByteView part = rest.first(std::min(rest.size(), count - joined_.size()));
      joined_.insert(joined_.end(), part.begin(), part.end());
      at_ += part.size();
    }
    return joined_;
  }

 private:
  void advance() {
    ++chunk_;
    at_ = 0;
  }

  std::span<const ByteView> chunks_;
  size_t chunk_ = 0;
  size_t at_ = 0;
  size_t left_;
  std::vector<uint8_t> joined_;
};

Status decompress_block(ByteView block, std::vector<uint8_t>& scratch, Output& output) {
  const auto* const data = reinterpret_cast<const char*>(block.data());
  size_t size = 0;
  if (!snappy::GetUncompressedLength(data, block.size(), &size)) {
    return corrupt("snappy", "a block has no length");
  }
  if (size > block.size() * kHighestRatio) {
    return corrupt("snappy", "a block's length is impossible");
  }
  if (size > output.left()) {
    output.refuse();
    return output.status();
  }
  scratch.resize(std::max(scratch.size(), size));
  if (!snappy::RawUncompress(data, block.size(), reinterpret_cast<char*>(scratch.data()))) {
    return corrupt("snappy", "a block does not decode");
  }
  if (!output.write(ByteView(scratch).first(size))) return output.status();
  return Status::ok();
}

bool starts_with_magic(ByteView bytes) {
  return bytes.size() >= kXerialMagic.size() &&
         std::memcmp(bytes.data(), kXerialMagic.data(), kXerialMagic.size()) == 0;
}

// Past the header. A stream joined from several repeats the header between blocks, where its first
// bytes stand in the place of a length.
Status decompress_xerial(Reader& reader, Output& output) {
  const int32_t magic_as_length = load_big_endian<int32_t>(kXerialMagic.data());
  std::vector<uint8_t> scratch;
  while (reader.left() > 0) {
    if (reader.left() < sizeof(int32_t)) return corrupt("snappy", "a block's length is cut short");
    const auto length = load_big_endian<int32_t>(reader.take(sizeof(int32_t)).data());
    if (length == magic_as_length) {
      const size_t rest = kXerialHeaderBytes - sizeof(int32_t);
      if (reader.left() < rest) return corrupt("snappy", "a header is cut short");
      reader.take(rest);
      continue;
    }
    if (length <= 0 || static_cast<size_t>(length) > reader.left()) {
      return corrupt("snappy", "a block's length is larger than what is left");
    }
    Status status = decompress_block(reader.take(static_cast<size_t>(length)), scratch, output);
    if (!status.is_ok()) return status;
  }
  return Status::ok();
}

}  // namespace

Status snappy_decompress(const ChunkList& input, Output& output) {
  if (input.size_bytes() == 0) return corrupt("snappy", "no input");
  Reader probe(input);
  const bool xerial = starts_with_magic(probe.take(std::min(probe.left(), kXerialMagic.size())));
  Reader reader(input);
  if (!xerial) {
    std::vector<uint8_t> scratch;
    return decompress_block(reader.take(reader.left()), scratch, output);
  }
  if (reader.left() < kXerialHeaderBytes) return corrupt("snappy", "the header is cut short");
  reader.take(kXerialHeaderBytes);
  return decompress_xerial(reader, output);
}

Result<std::vector<uint8_t>> snappy_compress(ByteView input) {
  std::vector<uint8_t> result(kXerialHeaderBytes);
  std::copy(kXerialMagic.begin(), kXerialMagic.end(), result.begin());
  store_big_endian(result.data() + 8, kXerialVersion);
  store_big_endian(result.data() + 12, kXerialVersion);
  while (!input.empty()) {
    const ByteView block = input.first(std::min(input.size(), kXerialBlockBytes));
    input = input.subspan(block.size());
    const size_t at = result.size();
    result.resize(at + sizeof(int32_t) + snappy::MaxCompressedLength(block.size()));
    size_t length = 0;
    snappy::RawCompress(reinterpret_cast<const char*>(block.data()), block.size(),
                        reinterpret_cast<char*>(result.data() + at + sizeof(int32_t)), &length);
    store_big_endian(result.data() + at, static_cast<int32_t>(length));
    result.resize(at + sizeof(int32_t) + length);
  }
  return result;
}

}  // namespace millrace::codec
