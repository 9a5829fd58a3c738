// Machines without an instruction for CRC-32C that we know of.
#if !defined(__x86_64__) && !defined(__aarch64__)

#include "crc32c.h"
#include "crc32c_hardware.h"

namespace millrace {

bool has_crc32c_hardware() { return false; }

uint32_t crc32c_hardware(uint32_t crc, ByteView bytes) { return crc32c_table(crc, bytes); }

}  // namespace millrace

#endif
