// The record batch, format v2 (KIP-98): its header's layout, and the checks that stand between a
// client's bytes and the mapping.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bytes.h"
#include "compression.h"
#include "status.h"

namespace millrace {

// Byte positions within the header; all integers are big-endian.
namespace batch_format {
inline constexpr size_t kBaseOffset = 0;
inline constexpr size_t kLength = 8;
inline constexpr size_t kLeaderEpoch = 12;
inline constexpr size_t kMagic = 16;
inline constexpr size_t kCrc = 17;
inline constexpr size_t kAttributes = 21;
inline constexpr size_t kLastOffsetDelta = 23;
inline constexpr size_t kBaseTimestamp = 27;
inline constexpr size_t kMaxTimestamp = 35;
inline constexpr size_t kProducerId = 43;
inline constexpr size_t kProducerEpoch = 51;
inline constexpr size_t kBaseSequence = 53;
inline constexpr size_t kRecordsCount = 57;
inline constexpr size_t kHeaderSize = 61;
inline constexpr size_t kLogOverhead = 12;  // base offset and length: what length does not count
inline constexpr uint8_t kMagicV2 = 2;
inline constexpr uint16_t kCompressionMask = 0x07;
inline constexpr uint16_t kTimestampTypeMask = 0x08;  // set: LogAppendTime
inline constexpr uint16_t kTransactionalMask = 0x10;
inline constexpr uint16_t kControlMask = 0x20;
inline constexpr uint16_t kDeleteHorizonMask = 0x40;
}  // namespace batch_format

struct BatchHeader {
  int64_t base_offset = 0;
  int32_t length = 0;
  int32_t leader_epoch = -1;
  uint8_t magic = 0;
  uint32_t crc = 0;
  uint16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = -1;
  int64_t max_timestamp = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t records_count = 0;
  // Of the records themselves, as Kafka counts it; set where a client's were walked. Not on disk.
  std::optional<int64_t> records_max_timestamp;

  size_t size_bytes() const { return static_cast<size_t>(length) + batch_format::kLogOverhead; }
  int64_t last_offset() const { return base_offset + last_offset_delta; }
  int32_t last_sequence() const;  // wraps at 2^31 - 1 to 0, as Kafka's does
  Compression compression() const;
  bool is_transactional() const { return attributes & batch_format::kTransactionalMask; }
  bool is_control() const { return attributes & batch_format::kControlMask; }
  bool is_log_append_time() const { return attributes & batch_format::kTimestampTypeMask; }
  bool has_producer() const { return producer_id >= 0; }
};

// Reads the header at `offset` of `chunks` whatever the chunk borders; needs kHeaderSize bytes.
BatchHeader read_batch_header(const ChunkList& chunks, size_t offset);
BatchHeader read_batch_header(ByteView bytes);

enum class ValidateDepth { kHeader, kFull };

struct ValidateOptions {
  ValidateDepth depth = ValidateDepth::kFull;
  uint32_t max_batch_bytes = 1048588;           // max.message.bytes
  uint64_t max_decompressed_bytes = 64u << 20;  // output cap of one batch
  bool from_client = true;                      // control batches and set base offsets refused
  bool require_key = false;                     // cleanup.policy=compact
  // Records stamped outside [earliest, latest] are kInvalidTimestamp; -1, "no timestamp", never is.
  // message.timestamp.before.max.ms and .after.max.ms seen from now.
  int64_t earliest_timestamp_ms = INT64_MIN;
  int64_t latest_timestamp_ms = INT64_MAX;
};

// Checks one whole batch of `size_bytes` at `offset`: length, magic, CRC-32C, counts, codec, and,
// with kFull, every record of it (lengths, varints, offset deltas 0..n-1, headers, timestamps,
// which may exceed max_timestamp only in a client's batch), decompressing where needed. Nothing is
// changed or kept. kCorruptBatch, kInvalidRecord and kInvalidTimestamp (with the record's index
// where one is to blame), kTooLarge, kUnsupportedCompression, kUndecodable.
Result<BatchHeader> validate_batch(const ChunkList& chunks, size_t offset,
                                   const ValidateOptions& options);

// Splits the bytes of one Produce partition into batches and validates each. Kafka accepts exactly
// one batch there from clients; a follower's fetch carries many.
Result<std::vector<BatchHeader>> validate_batches(const ChunkList& chunks,
                                                  const ValidateOptions& options);

}  // namespace millrace
