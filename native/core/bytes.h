// Views of bytes. A record batch arrives as the list of chunks that the socket delivered; nothing
// joins them before the one copy into the segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace millrace {

using ByteView = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

// Non-owning: the chunks and the bytes they name must stay alive and unchanged for the call that
// takes the list.
class ChunkList {
 public:
  explicit ChunkList(std::span<const ByteView> chunks) : chunks_(chunks) {
    for (const ByteView& chunk : chunks) size_bytes_ += chunk.size();
  }
  std::span<const ByteView> chunks() const { return chunks_; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  std::span<const ByteView> chunks_;
  size_t size_bytes_ = 0;
};

}  // namespace millrace
