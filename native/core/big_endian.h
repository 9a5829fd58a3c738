// Integers as Kafka stores them.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace millrace {

template <typename Integer>
Integer swap_if_little_endian(Integer value) {
  static_assert(std::is_integral_v<Integer>);
  if constexpr (std::endian::native == std::endian::big || sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    return static_cast<Integer>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

// `from` and `to` need no alignment.
template <typename Integer>
Integer load_big_endian(const uint8_t* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return swap_if_little_endian(value);
}

template <typename Integer>
void store_big_endian(uint8_t* to, Integer value) {
  value = swap_if_little_endian(value);
  std::memcpy(to, &value, sizeof value);
}

}  // namespace millrace
