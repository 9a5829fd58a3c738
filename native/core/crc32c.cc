#include "crc32c.h"

#include <algorithm>

#include "crc32c_hardware.h"

namespace millrace {

uint32_t crc32c(uint32_t crc, ByteView bytes) {
  static const bool use_hardware = has_crc32c_hardware();
  return use_hardware ? crc32c_hardware(crc, bytes) : crc32c_table(crc, bytes);
}

uint32_t crc32c(const ChunkList& chunks, size_t from, size_t length) {
  uint32_t crc = 0;
  for (ByteView chunk : chunks.chunks()) {
    if (length == 0) break;
    if (from >= chunk.size()) {
      from -= chunk.size();
      continue;
    }
    const ByteView part = chunk.subspan(from, std::min(length, chunk.size() - from));
    crc = crc32c(crc, part);
    length -= part.size();
    from = 0;
  }
  return crc;
}

}  // namespace millrace
