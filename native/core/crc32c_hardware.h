// CRC-32C by the machine's own instruction.
#pragma once

#include "bytes.h"

namespace millrace {

// Whether this machine has the instructions; decided once. When false, crc32c_hardware() must not
// be called.
bool has_crc32c_hardware();

// As crc32c() in crc32c.h.
uint32_t crc32c_hardware(uint32_t crc, ByteView bytes);

}  // namespace millrace
