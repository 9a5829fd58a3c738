#include <array>

#include "crc32c.h"

namespace millrace {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, bits reflected

// tables[k][b] is the CRC of byte b followed by k zero bytes: eight look-ups then take in eight
// bytes at once ("slicing by 8").
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t previous = tables[k - 1][byte];
      tables[k][byte] = (previous >> 8) ^ tables[0][previous & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

uint32_t take_byte(uint32_t crc, uint8_t byte) {
  return (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xFF];
}

uint32_t take_eight(uint32_t crc, const uint8_t* data) {
  uint32_t result = 0;
  for (size_t i = 0; i < 8; ++i) {
    const uint32_t mask = i < 4 ? crc >> (8 * i) : 0;
    result ^= kTables[7 - i][(data[i] ^ mask) & 0xFF];
  }
  return result;
}

}  // namespace

uint32_t crc32c_table(uint32_t crc, ByteView bytes) {
  crc = ~crc;
  const uint8_t* data = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; left -= 8, data += 8) crc = take_eight(crc, data);
  for (; left > 0; --left, ++data) crc = take_byte(crc, *data);
  return ~crc;
}

}  // namespace millrace
