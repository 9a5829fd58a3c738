// Appending big-endian integers to a growing buffer.
#pragma once

#include <cstdint>
#include <vector>

#include "big_endian.h"

namespace millrace {

template <typename Integer>
void append_big_endian(std::vector<uint8_t>& target, Integer value) {
  const size_t at = target.size();
  target.resize(at + sizeof(Integer));
  store_big_endian(target.data() + at, value);
}

}  // namespace millrace
