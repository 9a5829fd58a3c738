#include "batch_builder.h"

#include <algorithm>

#include "crc32c.h"

namespace millrace::testing {
namespace {

using namespace batch_format;

void put_bytes(Bytes& bytes, const std::string& text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}

void put_nullable(Bytes& bytes, const std::optional<std::string>& text) {
  put_varint(bytes, text ? static_cast<int64_t>(text->size()) : -1);
  if (text) put_bytes(bytes, *text);
}

int64_t max_timestamp(const BatchSpec& spec) {
  int64_t highest = spec.records.empty() ? 0 : INT64_MIN;
  for (const RecordSpec& record : spec.records) {
    highest = std::max(highest, record.timestamp_delta);
  }
  return spec.base_timestamp + highest;
}

}  // namespace

void put_varint(Bytes& bytes, int64_t value) {
  uint64_t raw = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; raw >= 0x80; raw >>= 7) bytes.push_back(static_cast<uint8_t>(raw | 0x80));
  bytes.push_back(static_cast<uint8_t>(raw));
}

Bytes build_record(const RecordSpec& record, int32_t offset_delta) {
  Bytes body = {0};
  put_varint(body, record.timestamp_delta);
  put_varint(body, offset_delta);
  put_nullable(body, record.key);
  put_nullable(body, record.value);
  put_varint(body, static_cast<int64_t>(record.headers.size()));
  for (const auto& [key, value] : record.headers) {
    put_nullable(body, key);
    put_nullable(body, value);
  }
  Bytes result;
  put_varint(result, static_cast<int64_t>(body.size()));
  result.insert(result.end(), body.begin(), body.end());
  return result;
}

Bytes build_records(const std::vector<RecordSpec>& records) {
  Bytes result;
  int32_t offset_delta = 0;
  for (const RecordSpec& record : records) {
    const Bytes bytes = build_record(record, offset_delta++);
    result.insert(result.end(), bytes.begin(), bytes.end());
  }
  return result;
}

Bytes wrap_records(const BatchSpec& spec, const Bytes& stored_records) {
  Bytes batch(kHeaderSize + stored_records.size());
  std::copy(stored_records.begin(), stored_records.end(), batch.begin() + kHeaderSize);
  const auto count = static_cast<int32_t>(spec.records.size());
  const auto attributes =
      static_cast<uint16_t>(static_cast<uint16_t>(spec.compression) | spec.extra_attributes);
  overwrite(batch, kBaseOffset, spec.base_offset);
  overwrite(batch, kLength, static_cast<int32_t>(batch.size() - kLogOverhead));
  overwrite(batch, kLeaderEpoch, int32_t{-1});
  batch[kMagic] = kMagicV2;
  overwrite(batch, kAttributes, attributes);
  overwrite(batch, kLastOffsetDelta, count - 1);
  overwrite(batch, kBaseTimestamp, spec.base_timestamp);
  overwrite(batch, kMaxTimestamp, max_timestamp(spec));
  overwrite(batch, kProducerId, spec.producer_id);
  overwrite(batch, kProducerEpoch, spec.producer_epoch);
  overwrite(batch, kBaseSequence, spec.base_sequence);
  overwrite(batch, kRecordsCount, count);
  seal(batch);
  return batch;
}

Bytes build_batch(const BatchSpec& spec) {
  const Bytes records = build_records(spec.records);
  if (spec.compression == Compression::kNone) return wrap_records(spec, records);
  return wrap_records(spec, compress(spec.compression, records, 0).take());
}

BatchSpec plain_batch(int count, size_t value_bytes) {
  BatchSpec spec;
  for (int i = 0; i < count; ++i) {
    RecordSpec record;
    record.value = std::string(value_bytes, static_cast<char>('a' + i % 26));
    record.timestamp_delta = i / 10;
    spec.records.push_back(record);
  }
  return spec;
}

void seal(Bytes& batch) {
  overwrite(batch, kCrc, crc32c_table(0, ByteView(batch).subspan(kAttributes)));
}

}  // namespace millrace::testing
