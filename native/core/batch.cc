#include "batch.h"

#include <algorithm>
#include <string>

#include "crc32c.h"
#include "record_validator.h"

namespace millrace {
namespace {

using namespace batch_format;

constexpr int kHighestCodec = static_cast<int>(Compression::kZstd);

std::string with_value(const char* what, int64_t value) {
  return std::string(what) + " " + std::to_string(value);
}

Status invalid(std::string context) { return Status(Code::kInvalidRecord, std::move(context)); }

// What must hold before a single byte beyond the header is believed.
Status check_frame(const BatchHeader& header, size_t bytes_left, const ValidateOptions& options) {
  if (header.length < static_cast<int32_t>(kHeaderSize - kLogOverhead)) {
    return Status(Code::kCorruptBatch, with_value("batch length is too small:", header.length));
  }
  if (header.magic != kMagicV2) {
    // Kafka's two answers: a format that once was, and one that never was.
    const Code code = header.magic < kMagicV2 ? Code::kInvalidRecord : Code::kCorruptBatch;
    return Status(code, with_value("only magic 2 is accepted, not", header.magic));
  }
  if (header.size_bytes() > bytes_left) {
    return Status(Code::kCorruptBatch,
                  with_value("batch length reaches past the records:", header.length));
  }
  if (header.size_bytes() > options.max_batch_bytes) {
    return Status(
        Code::kTooLarge,
        with_value("batch of", static_cast<int64_t>(header.size_bytes())) +
            with_value(" bytes is larger than max.message.bytes", options.max_batch_bytes));
  }
  return Status::ok();
}

Status check_counts(const BatchHeader& header, bool from_client) {
  if (!from_client) {
    // Compaction leaves gaps, and batches without records.
    if (header.records_count < 0) {
      return invalid(with_value("invalid count of records", header.records_count));
    }
    if (header.last_offset_delta < 0 || header.records_count - 1 > header.last_offset_delta) {
      return invalid(with_value("invalid last offset delta", header.last_offset_delta));
    }
    return Status::ok();
  }
  if (header.records_count < 1) {
    return invalid(with_value("invalid count of records", header.records_count));
  }
  if (header.last_offset_delta != header.records_count - 1) {
    return invalid(with_value("last offset delta", header.last_offset_delta) +
                   with_value(" does not fit a count of", header.records_count));
  }
  return Status::ok();
}

// What only a client may not do: a follower's batches were checked when the leader took them.
Status check_client_fields(const BatchHeader& header) {
  if (header.base_offset != 0) {
    return invalid(with_value("base offset must be 0, not", header.base_offset));
  }
  if (header.is_control()) return invalid("clients may not write control records");
  if (header.has_producer() && header.base_sequence < 0) {
    return invalid(with_value("invalid base sequence", header.base_sequence));
  }
  if (header.is_transactional() && !header.has_producer()) {
    return invalid("a transactional batch needs a producer id");
  }
  return Status::ok();
}

// With LogAppendTime every record has the header's max timestamp; otherwise each has its own.
Status check_header_timestamp(const BatchHeader& header, const ValidateOptions& options) {
  const int64_t timestamp = header.max_timestamp;
  const bool in_range =
      timestamp >= options.earliest_timestamp_ms && timestamp <= options.latest_timestamp_ms;
  if (in_range || timestamp == -1) return Status::ok();
  if (!header.is_log_append_time() && options.depth == ValidateDepth::kFull) return Status::ok();
  return Status(
      Code::kInvalidTimestamp,
      with_value("max timestamp is outside the range that the topic accepts:", timestamp));
}

Status check_fields(const BatchHeader& header, const ValidateOptions& options) {
  if ((header.attributes & kCompressionMask) > kHighestCodec) {
    return Status(Code::kUnsupportedCompression,
                  with_value("unknown compression codec", header.attributes & kCompressionMask));
  }
  if (options.from_client) {
    Status status = check_client_fields(header);
    if (status.is_ok()) status = check_header_timestamp(header, options);
    if (!status.is_ok()) return status;
  }
  return check_counts(header, options.from_client);
}

class ValidatingSink final : public OutputSink {
 public:
  explicit ValidatingSink(RecordValidator& validator) : validator_(validator) {}
  bool write(ByteView piece) override {
    status_ = validator_.feed(piece);
    return status_.is_ok();
  }
  Status take_status() { return std::move(status_); }
  bool failed() const { return !status_.is_ok(); }

 private:
  RecordValidator& validator_;
  Status status_;
};

// The chunks of the compressed records alone.
std::vector<ByteView> slice(const ChunkList& chunks, size_t from, size_t length) {
  std::vector<ByteView> result;
  for (const ByteView& chunk : chunks.chunks()) {
    if (length == 0) break;
    if (from >= chunk.size()) {
      from -= chunk.size();
      continue;
    }
    result.push_back(chunk.subspan(from, std::min(length, chunk.size() - from)));
    length -= result.back().size();
    from = 0;
  }
  return result;
}

Status check_compressed_records(RecordValidator& validator, const BatchHeader& header,
                                const ChunkList& records, const ValidateOptions& options) {
  ValidatingSink sink(validator);
  Status decoded = decompress(header.compression(), records, options.max_decompressed_bytes, sink);
  if (sink.failed()) return sink.take_status();
  if (!decoded.is_ok()) return decoded;
  return validator.finish();
}

Status walk_records(RecordValidator& validator, const BatchHeader& header, const ChunkList& chunks,
                    size_t offset, const ValidateOptions& options) {
  const size_t from = offset + kHeaderSize;
  const size_t length = header.size_bytes() - kHeaderSize;
  if (header.compression() == Compression::kNone) {
    return validator.check(chunks, from, length);
  }
  // Kafka writes a batch whose records compaction took away as its header alone.
  if (length == 0 && header.records_count == 0) return Status::ok();
  const std::vector<ByteView> records = slice(chunks, from, length);
  return check_compressed_records(validator, header, ChunkList(records), options);
}

Status check_records(BatchHeader& header, const ChunkList& chunks, size_t offset,
                     const ValidateOptions& options) {
  RecordValidator validator(header, options);
  Status status = walk_records(validator, header, chunks, offset, options);
  if (status.is_ok() && options.from_client && !header.is_log_append_time()) {
    header.records_max_timestamp = validator.max_timestamp();
  }
  return status;
}

}  // namespace

Result<BatchHeader> validate_batch(const ChunkList& chunks, size_t offset,
                                   const ValidateOptions& options) {
  const size_t left = chunks.size_bytes() - std::min(offset, chunks.size_bytes());
  if (left < kHeaderSize) {
    return Status(Code::kCorruptBatch,
                  with_value("too few bytes for a batch header:", static_cast<int64_t>(left)));
  }
  BatchHeader header = read_batch_header(chunks, offset);
  Status status = check_frame(header, left, options);
  if (!status.is_ok()) return status;
  if (crc32c(chunks, offset + kAttributes, header.size_bytes() - kAttributes) != header.crc) {
    return Status(Code::kCorruptBatch, "batch CRC does not match");
  }
  status = check_fields(header, options);
  if (status.is_ok() && options.depth == ValidateDepth::kFull) {
    status = check_records(header, chunks, offset, options);
  }
  if (!status.is_ok()) return status;
  return header;
}

Result<std::vector<BatchHeader>> validate_batches(const ChunkList& chunks,
                                                  const ValidateOptions& options) {
  std::vector<BatchHeader> headers;
  size_t offset = 0;
  while (offset < chunks.size_bytes()) {
    Result<BatchHeader> header = validate_batch(chunks, offset, options);
    if (!header.is_ok()) return header.take_status();
    if (options.from_client && offset > 0) {
      return invalid("a produce request carries one batch for each partition");
    }
    offset += header.value().size_bytes();
    headers.push_back(header.value());
  }
  if (headers.empty()) return invalid("no record batch");
  return headers;
}

}  // namespace millrace
