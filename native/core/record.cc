#include "record.h"

namespace millrace {
namespace {

std::optional<ByteView> nullable(ByteView body, size_t at, int32_t length) {
  if (length < 0) return std::nullopt;
  return body.subspan(at, static_cast<size_t>(length));
}

std::optional<ByteView> take_nullable(MemorySource& source) {
  int32_t length = -1;
  read_varint(source, length);
  if (length < 0) return std::nullopt;
  const ByteView bytes(source.at(), static_cast<size_t>(length));
  source.skip(bytes.size());
  return bytes;
}

}  // namespace

const char* describe(RecordFault fault) {
  switch (fault) {
    case RecordFault::kNone:
      return "no fault";
    case RecordFault::kEnded:
      return "the bytes end before the record does";
    case RecordFault::kVarint:
      return "a varint is too long";
    case RecordFault::kLength:
      return "the record's length is not that of its fields";
    case RecordFault::kHeaders:
      return "the count of headers is negative or larger than the record";
    case RecordFault::kHeaderKey:
      return "a header has no key";
  }
  return "unknown fault";
}

bool RecordHeaderIterator::next(RecordHeader& header) {
  if (left_ <= 0) return false;
  --left_;
  header.key = take_nullable(source_).value_or(ByteView());
  header.value = take_nullable(source_);
  return true;
}

std::optional<ByteView> RecordView::key() const {
  return nullable(body, layout.key_at, layout.key_length);
}

std::optional<ByteView> RecordView::value() const {
  return nullable(body, layout.value_at, layout.value_length);
}

bool RecordIterator::next(RecordView& record) {
  if (fault_ != RecordFault::kNone || source_.left() == 0) return false;
  const uint8_t* const begin = source_.at();
  fault_ = record_detail::read_length(source_, record.layout.length);
  if (fault_ != RecordFault::kNone) return false;
  if (record.layout.length < 0) {
    fault_ = RecordFault::kLength;
    return false;
  }
  const auto length = static_cast<size_t>(record.layout.length);
  const uint8_t* const body = source_.at();
  if (!source_.skip(length)) {
    fault_ = RecordFault::kEnded;
    return false;
  }
  MemorySource fields(body, body + length);
  fault_ = read_record_body(fields, record.layout);
  record.body = ByteView(body, length);
  record.whole = ByteView(begin, body + length);
  return fault_ == RecordFault::kNone;
}

}  // namespace millrace
