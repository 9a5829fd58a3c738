// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the hardware instruction where the machine has it,
// a table otherwise.
#pragma once

#include <cstdint>

#include "bytes.h"

namespace millrace {

// Continues from `crc`, the value returned for the bytes before these (0 to begin).
uint32_t crc32c(uint32_t crc, ByteView bytes);
uint32_t crc32c(const ChunkList& chunks, size_t from, size_t length);
uint32_t crc32c_table(uint32_t crc, ByteView bytes);  // the fallback, always there to test against

}  // namespace millrace
