// Builds record batches byte by byte, honest ones and lying ones, without the code under test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batch.h"

namespace millrace::testing {

using Bytes = std::vector<uint8_t>;

struct RecordSpec {
  std::optional<std::string> key = std::nullopt;
  std::optional<std::string> value = "value";
  int64_t timestamp_delta = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
};

struct BatchSpec {
  std::vector<RecordSpec> records;
  Compression compression = Compression::kNone;
  int64_t base_offset = 0;
  int64_t base_timestamp = 1'700'000'000'000;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  uint16_t extra_attributes = 0;
};

void put_varint(Bytes& bytes, int64_t value);

// One record with its length in front.
Bytes build_record(const RecordSpec& record, int32_t offset_delta);

// The records as they stand behind the header, before compression.
Bytes build_records(const std::vector<RecordSpec>& records);

Bytes build_batch(const BatchSpec& spec);

// A batch with these bytes behind its header, whatever they are.
Bytes wrap_records(const BatchSpec& spec, const Bytes& stored_records);

// `count` records with values of `value_bytes`.
BatchSpec plain_batch(int count, size_t value_bytes);

template <typename Integer>
void overwrite(Bytes& batch, size_t at, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) {
    const size_t shift = 8 * (sizeof value - 1 - i);
    batch[at + i] = static_cast<uint8_t>(static_cast<uint64_t>(value) >> shift);
  }
}

// Makes the CRC right again after a change.
void seal(Bytes& batch);

}  // namespace millrace::testing
