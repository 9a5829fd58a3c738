// Zigzag varints as records of a batch carry them (Protocol Buffers' sint32 and sint64). Like
// Kafka's reader, at most 5 and 10 bytes, and bits above the type's width are dropped.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

inline constexpr size_t kVarintBytesMax = 5;
inline constexpr size_t kVarlongBytesMax = 10;

constexpr int32_t zigzag_decode32(uint32_t value) {
  return static_cast<int32_t>((value >> 1) ^ (~(value & 1) + 1));
}
constexpr int64_t zigzag_decode64(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

// Bytes from contiguous memory.
class MemorySource {
 public:
  MemorySource(const uint8_t* begin, const uint8_t* end) : at_(begin), end_(end) {}

  const uint8_t* at() const { return at_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  bool next(uint8_t& byte) {
    if (at_ == end_) return false;
    byte = *at_++;
    return true;
  }
  bool skip(size_t count) {
    if (count > left()) return false;
    at_ += count;
    return true;
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

enum class VarintResult { kOk, kEnded, kTooLong };

// Source: next(uint8_t&), false at its end.
template <typename Unsigned, size_t kBytesMax, typename Source>
inline VarintResult read_unsigned_varint(Source& source, Unsigned& value) {
  uint8_t byte;
  if (!source.next(byte)) return VarintResult::kEnded;
  value = byte & 0x7F;
  if (byte < 0x80) [[likely]]
    return VarintResult::kOk;
  for (size_t i = 1; i < kBytesMax; ++i) {
    if (!source.next(byte)) return VarintResult::kEnded;
    value |= static_cast<Unsigned>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) return VarintResult::kOk;
  }
  return VarintResult::kTooLong;
}

template <typename Source>
inline VarintResult read_varint(Source& source, int32_t& value) {
  uint32_t raw = 0;
  const VarintResult result = read_unsigned_varint<uint32_t, kVarintBytesMax>(source, raw);
  value = zigzag_decode32(raw);
  return result;
}

template <typename Source>
inline VarintResult read_varlong(Source& source, int64_t& value) {
  uint64_t raw = 0;
  const VarintResult result = read_unsigned_varint<uint64_t, kVarlongBytesMax>(source, raw);
  value = zigzag_decode64(raw);
  return result;
}

}  // namespace millrace
