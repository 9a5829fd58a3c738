// SSE 4.2's crc32 instruction takes a new operand every cycle but answers after three: three
// streams side by side keep it busy. Their results are joined by a carry-less multiplication, which
// moves a CRC over the bytes of the streams behind it.
#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "crc32c_hardware.h"

#define MILLRACE_CRC_TARGET __attribute__((target("sse4.2,pclmul")))

namespace millrace {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, bits reflected

// x^exponent modulo the polynomial; the highest bit stands for x^0.
constexpr uint32_t power_of_x(size_t exponent) {
  uint32_t value = 0x80000000;
  for (size_t i = 0; i < exponent; ++i) {
    value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
  }
  return value;
}

// Multiplies by x^(8 * kBytes), as kBytes zero bytes behind it would. The crc32 of the product of
// two reflected 32-bit polynomials supplies x^33 of that by itself.
template <size_t kBytes>
MILLRACE_CRC_TARGET uint64_t shift(uint64_t crc) {
  constexpr uint32_t kFactor = power_of_x(8 * kBytes - 33);
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(crc)),
                                               _mm_cvtsi64_si128(kFactor), 0);
  return _mm_crc32_u64(0, static_cast<uint64_t>(_mm_cvtsi128_si64(product)));
}

uint64_t load(const uint8_t* data) {
  uint64_t word;
  std::memcpy(&word, data, sizeof word);
  return word;
}

// Three streams of kStream bytes each.
template <size_t kStream>
MILLRACE_CRC_TARGET uint64_t take_three_streams(uint64_t first, const uint8_t* data) {
  uint64_t second = 0;
  uint64_t third = 0;
  for (size_t i = 0; i < kStream; i += 8) {
    first = _mm_crc32_u64(first, load(data + i));
    second = _mm_crc32_u64(second, load(data + kStream + i));
    third = _mm_crc32_u64(third, load(data + 2 * kStream + i));
  }
  return shift<2 * kStream>(first) ^ shift<kStream>(second) ^ third;
}

constexpr size_t kLongStream = 2048;
constexpr size_t kShortStream = 128;

}  // namespace

bool has_crc32c_hardware() {
  return __builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

MILLRACE_CRC_TARGET uint32_t crc32c_hardware(uint32_t crc, ByteView bytes) {
  uint64_t state = static_cast<uint32_t>(~crc);
  const uint8_t* data = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * kLongStream; left -= 3 * kLongStream, data += 3 * kLongStream) {
    state = take_three_streams<kLongStream>(state, data);
  }
  for (; left >= 3 * kShortStream; left -= 3 * kShortStream, data += 3 * kShortStream) {
    state = take_three_streams<kShortStream>(state, data);
  }
  for (; left >= 8; left -= 8, data += 8) state = _mm_crc32_u64(state, load(data));
  auto result = static_cast<uint32_t>(state);
  for (; left > 0; --left, ++data) result = _mm_crc32_u8(result, *data);
  return ~result;
}

}  // namespace millrace

#endif
