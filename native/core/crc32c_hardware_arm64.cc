// ARMv8's CRC extension, which 8.0 leaves optional.
#if defined(__aarch64__)

#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>

#include <cstring>

#include "crc32c_hardware.h"

namespace millrace {

bool has_crc32c_hardware() { return (::getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

__attribute__((target("+crc"))) uint32_t crc32c_hardware(uint32_t crc, ByteView bytes) {
  crc = ~crc;
  const uint8_t* data = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, data += 8) {
    uint64_t word;
    std::memcpy(&word, data, sizeof word);
    crc = __crc32cd(crc, word);
  }
  for (; left > 0; --left, ++data) crc = __crc32cb(crc, *data);
  return ~crc;
}

}  // namespace millrace

#endif
