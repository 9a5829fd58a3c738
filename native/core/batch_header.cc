#include <algorithm>
#include <array>
#include <cstring>

#include "batch.h"
#include "big_endian.h"

namespace millrace {

int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return -1;
  const int64_t last = static_cast<int64_t>(base_sequence) + last_offset_delta;
  return static_cast<int32_t>(last & INT32_MAX);
}

Compression BatchHeader::compression() const {
  return static_cast<Compression>(attributes & batch_format::kCompressionMask);
}

BatchHeader read_batch_header(ByteView bytes) {
  using namespace batch_format;
  const uint8_t* const at = bytes.data();
  BatchHeader header;
  header.base_offset = load_big_endian<int64_t>(at + kBaseOffset);
  header.length = load_big_endian<int32_t>(at + kLength);
  header.leader_epoch = load_big_endian<int32_t>(at + kLeaderEpoch);
  header.magic = at[kMagic];
  header.crc = load_big_endian<uint32_t>(at + kCrc);
  header.attributes = load_big_endian<uint16_t>(at + kAttributes);
  header.last_offset_delta = load_big_endian<int32_t>(at + kLastOffsetDelta);
  header.base_timestamp = load_big_endian<int64_t>(at + kBaseTimestamp);
  header.max_timestamp = load_big_endian<int64_t>(at + kMaxTimestamp);
  header.producer_id = load_big_endian<int64_t>(at + kProducerId);
  header.producer_epoch = load_big_endian<int16_t>(at + kProducerEpoch);
  header.base_sequence = load_big_endian<int32_t>(at + kBaseSequence);
  header.records_count = load_big_endian<int32_t>(at + kRecordsCount);
  return header;
}

BatchHeader read_batch_header(const ChunkList& chunks, size_t offset) {
  std::array<uint8_t, batch_format::kHeaderSize> joined = {};
  size_t have = 0;
  for (const ByteView& chunk : chunks.chunks()) {
    if (offset >= chunk.size()) {
      offset -= chunk.size();
      continue;
    }
    const ByteView rest = chunk.subspan(offset);
    if (have == 0 && rest.size() >= joined.size()) return read_batch_header(rest);
    const size_t step = std::min(rest.size(), joined.size() - have);
    std::memcpy(joined.data() + have, rest.data(), step);
    have += step;
    offset = 0;
    if (have == joined.size()) break;
  }
  return read_batch_header(joined);
}

}  // namespace millrace
