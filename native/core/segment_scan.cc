#include "segment_scan.h"

#include <cstring>

#include "crc32c.h"

namespace millrace {
namespace {

using namespace batch_format;

std::string number(const char* what, int64_t value) { return what + std::to_string(value); }

// Empty when `header`, at the beginning of `rest`, is that of a good batch.
std::string find_fault(const BatchHeader& header, ByteView rest, const SegmentScanOptions& options,
                       const SegmentScanEnd& end) {
  if (header.length == 0 && header.magic == 0) return "zeros";
  if (header.magic != kMagicV2) return number("magic ", header.magic);
  if (header.length < static_cast<int32_t>(kHeaderSize - kLogOverhead) ||
      header.size_bytes() > rest.size()) {
    return number("bad batch length ", header.length);
  }
  if (options.check_crc &&
      crc32c(0, rest.subspan(kAttributes, header.size_bytes() - kAttributes)) != header.crc) {
    return "bad CRC";
  }
  if (header.last_offset_delta < 0 || header.records_count < 0 ||
      header.base_offset > INT64_MAX - INT32_MAX - 1) {
    return "bad counts";
  }
  const bool continues = options.allow_gaps ? header.base_offset >= end.next_offset
                                            : header.base_offset == end.next_offset;
  if (!continues) {
    return number("offset ", header.base_offset) + number(" where ", end.next_offset) +
           " should be";
  }
  if (header.leader_epoch < end.leader_epoch) {
    return number("leader epoch falls to ", header.leader_epoch);
  }
  return {};
}

}  // namespace

SegmentScanEnd scan_segment(ByteView bytes, const SegmentScanOptions& options,
                            BatchConsumer& consumer) {
  SegmentScanEnd end;
  end.next_offset = options.next_offset;
  end.leader_epoch = options.leader_epoch;
  while (bytes.size() - end.position >= kHeaderSize) {
    const ByteView rest = bytes.subspan(end.position);
    const BatchHeader header = read_batch_header(rest);
    std::string fault = find_fault(header, rest, options, end);
    if (!fault.empty()) {
      end.reason = std::move(fault);
      return end;
    }
    consumer.on_batch(header, end.position, rest.first(header.size_bytes()));
    end.position += header.size_bytes();
    end.next_offset = header.last_offset() + 1;
    end.leader_epoch = header.leader_epoch;
  }
  if (end.position < bytes.size()) end.reason = "an incomplete batch header";
  return end;
}

uint64_t end_of_content(ByteView bytes) {
  static constexpr uint8_t kZeros[4096] = {};
  size_t size = bytes.size();
  while (size >= sizeof(kZeros) &&
         std::memcmp(bytes.data() + size - sizeof(kZeros), kZeros, sizeof(kZeros)) == 0) {
    size -= sizeof(kZeros);
  }
  while (size > 0 && bytes[size - 1] == 0) --size;
  return size;
}

}  // namespace millrace
