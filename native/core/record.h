// One record within a batch of format v2, and the walk over many:
//
//   length varint | attributes int8 | timestampDelta varlong | offsetDelta varint
//   | keyLength varint | key | valueLength varint | value | headersCount varint
//   | { headerKeyLength varint | key | headerValueLength varint | value } ...
//
// A length of -1 is a null key or value; `length` counts what follows it.
#pragma once

#include <cstdint>
#include <optional>

#include "bytes.h"
#include "varint.h"

namespace millrace {

enum class RecordFault : uint8_t {
  kNone = 0,
  kEnded,      // the batch ends before the record does, or the record before its fields
  kVarint,     // longer than its type allows
  kLength,     // negative, or not what the fields fill
  kHeaders,    // a negative count, or more than the record has bytes for
  kHeaderKey,  // a header without a key
};

// What `fault` means, for a person.
const char* describe(RecordFault fault);

// The fields of one record; positions count from the first byte after its length.
struct RecordLayout {
  int32_t length = 0;
  int32_t offset_delta = 0;
  int64_t timestamp_delta = 0;
  int32_t key_length = -1;
  int32_t value_length = -1;
  int32_t headers_count = 0;
  size_t key_at = 0;
  size_t value_at = 0;
  size_t headers_at = 0;
  uint8_t attributes = 0;
};

namespace record_detail {

template <typename Source>
inline RecordFault read_length(Source& source, int32_t& length) {
  switch (read_varint(source, length)) {
    case VarintResult::kOk:
      return RecordFault::kNone;
    case VarintResult::kEnded:
      return RecordFault::kEnded;
    default:
      return RecordFault::kVarint;
  }
}

// A length, and the bytes it counts. Any negative length is null, as Kafka reads it.
template <typename Source>
inline RecordFault skip_nullable(Source& source, int32_t& length) {
  const RecordFault fault = read_length(source, length);
  if (fault != RecordFault::kNone) return fault;
  if (length > 0 && !source.skip(static_cast<size_t>(length))) return RecordFault::kEnded;
  return RecordFault::kNone;
}

template <typename Source>
inline RecordFault skip_header(Source& source) {
  int32_t length;
  RecordFault fault = skip_nullable(source, length);
  if (fault != RecordFault::kNone) return fault;
  if (length < 0) return RecordFault::kHeaderKey;
  return skip_nullable(source, length);
}

}  // namespace record_detail

// Reads the fields after the length from `source`, which ends where the record does.
template <typename Source>
inline RecordFault read_record_body(Source& source, RecordLayout& record) {
  using namespace record_detail;
  const size_t size = source.left();
  if (!source.next(record.attributes)) return RecordFault::kEnded;
  const VarintResult timestamp = read_varlong(source, record.timestamp_delta);
  if (timestamp != VarintResult::kOk) [[unlikely]] {
    return timestamp == VarintResult::kEnded ? RecordFault::kEnded : RecordFault::kVarint;
  }
  RecordFault fault = read_length(source, record.offset_delta);
  if (fault != RecordFault::kNone) [[unlikely]]
    return fault;
  fault = skip_nullable(source, record.key_length);
  if (fault != RecordFault::kNone) [[unlikely]]
    return fault;
  record.key_at = size - source.left() - (record.key_length > 0 ? record.key_length : 0);
  fault = skip_nullable(source, record.value_length);
  if (fault != RecordFault::kNone) [[unlikely]]
    return fault;
  record.value_at = size - source.left() - (record.value_length > 0 ? record.value_length : 0);
  fault = read_length(source, record.headers_count);
  if (fault != RecordFault::kNone) [[unlikely]]
    return fault;
  record.headers_at = size - source.left();
  // A header takes at least two bytes.
  if (record.headers_count != 0) [[unlikely]] {
    if (record.headers_count < 0) return RecordFault::kHeaders;
    if (static_cast<size_t>(record.headers_count) > source.left() / 2) return RecordFault::kHeaders;
    for (int32_t i = 0; i < record.headers_count; ++i) {
      fault = skip_header(source);
      if (fault != RecordFault::kNone) return fault;
    }
  }
  return source.left() == 0 ? RecordFault::kNone : RecordFault::kLength;
}

struct RecordHeader {
  ByteView key;
  std::optional<ByteView> value;
};

// The headers of a record that RecordIterator returned.
class RecordHeaderIterator {
 public:
  RecordHeaderIterator(ByteView bytes, int32_t count)
      : source_(bytes.data(), bytes.data() + bytes.size()), left_(count) {}
  // False after the last.
  bool next(RecordHeader& header);

 private:
  MemorySource source_;
  int32_t left_;
};

// A record whose bytes lie in memory that the caller keeps alive.
struct RecordView {
  RecordLayout layout;
  ByteView body;   // what follows the length
  ByteView whole;  // length included

  std::optional<ByteView> key() const;
  std::optional<ByteView> value() const;
  RecordHeaderIterator headers() const {
    return {body.subspan(layout.headers_at), layout.headers_count};
  }
};

// Walks records that lie in one piece: those of an uncompressed batch after its header, or what
// decompress_all() gave.
class RecordIterator {
 public:
  explicit RecordIterator(ByteView records)
      : source_(records.data(), records.data() + records.size()) {}

  // False at the end of the bytes or at the first record that does not parse; fault() says which.
  bool next(RecordView& record);
  RecordFault fault() const { return fault_; }

 private:
  MemorySource source_;
  RecordFault fault_ = RecordFault::kNone;
};

}  // namespace millrace
