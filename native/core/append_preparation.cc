// What an append does before it touches the log: validate, and rewrite where the topic's
// configuration says so. No lock is held.
#include <utility>

#include "batch_rewrite.h"
#include "chunk_copy.h"
#include "control_record.h"
#include "partition_log_impl.h"

namespace millrace {
namespace {

ValidateOptions validate_options(const LogConfig& config, const AppendOptions& append,
                                 int64_t now_ms) {
  ValidateOptions options;
  options.depth = append.origin == AppendOrigin::kClient ? config.validate : ValidateDepth::kHeader;
  options.max_batch_bytes =
      append.origin == AppendOrigin::kReplica ? INT32_MAX : config.max_message_bytes;
  options.from_client = append.origin == AppendOrigin::kClient;
  options.require_key = config.compact && options.from_client;
  if (options.from_client && config.timestamp_type == TimestampType::kCreateTime) {
    // Without overflow: the defaults reach to the end of time.
    if (config.timestamp_before_max_ms < now_ms) {
      options.earliest_timestamp_ms = now_ms - config.timestamp_before_max_ms;
    }
    if (config.timestamp_after_max_ms < INT64_MAX - now_ms) {
      options.latest_timestamp_ms = now_ms + config.timestamp_after_max_ms;
    }
  }
  return options;
}

Status check_client_batch(const BatchHeader& header, const LogConfig& config) {
  if (header.is_log_append_time() && config.timestamp_type == TimestampType::kLogAppendTime) {
    return Status(Code::kInvalidTimestamp, "clients may not set the timestamp type LogAppendTime")
        .at_record(0);
  }
  if (header.is_control()) {
    return Status(Code::kInvalidRecord, "clients may not write control batches");
  }
  if (header.is_transactional()) {
    return Status(Code::kInvalidTxnState, "producer " + std::to_string(header.producer_id) +
                                              " has no transaction on this partition");
  }
  return Status::ok();
}

bool needs_rewrite(const BatchHeader& header, const LogConfig& config) {
  const bool recompress =
      config.compression >= 0 && config.compression != static_cast<int>(header.compression());
  const bool wrong_timestamps =
      header.is_log_append_time() ||
      header.records_max_timestamp.value_or(header.max_timestamp) != header.max_timestamp;
  return config.timestamp_type == TimestampType::kLogAppendTime || recompress || wrong_timestamps;
}

}  // namespace

Result<PreparedAppend> PartitionLogImpl::prepare(const ChunkList& records,
                                                 const AppendOptions& options,
                                                 const LogConfig& config) const {
  const int64_t now_ms = context_->clock.wall_ms();
  const ValidateOptions validation = validate_options(config, options, now_ms);
  PreparedAppend append;
  append.options = options;
  append.set_source(records.chunks());
  append.size_bytes = records.size_bytes();
  Result<BatchHeader> first = validate_batch(records, 0, validation);
  if (!first.is_ok()) return first.take_status();
  if (first.value().size_bytes() == records.size_bytes()) {
    append.set_batch(first.value());
  } else {
    Result<std::vector<BatchHeader>> headers = validate_batches(records, validation);
    if (!headers.is_ok()) return headers.take_status();
    std::vector<PreparedBatch> batches;
    for (const BatchHeader& header : headers.value()) batches.push_back({header, std::nullopt});
    append.set_batches(std::move(batches));
  }
  size_t position = 0;
  for (PreparedBatch& batch : append.batches()) {
    append.records_count += static_cast<uint64_t>(batch.header.records_count);
    if (options.origin == AppendOrigin::kClient) {
      Status allowed = check_client_batch(batch.header, config);
      if (!allowed.is_ok()) return allowed;
    } else if (batch.header.is_control()) {
      batch.marker = parse_end_transaction_marker(
          join_chunks(records.chunks(), position, batch.header.size_bytes()));
    }
    position += batch.header.size_bytes();
  }
  if (options.origin != AppendOrigin::kClient || !needs_rewrite(first.value(), config)) {
    return append;
  }
  RewriteOptions rewrite;
  rewrite.compression = config.compression >= 0 ? static_cast<Compression>(config.compression)
                                                : first.value().compression();
  rewrite.compression_level = config.compression_level;
  if (config.timestamp_type == TimestampType::kLogAppendTime) rewrite.log_append_time_ms = now_ms;
  rewrite.max_timestamp = first.value().records_max_timestamp;
  Result<std::vector<uint8_t>> rewritten = rewrite_batch(records, first.value(), rewrite);
  if (!rewritten.is_ok()) return rewritten.take_status();
  append.log_append_time_ms = rewrite.log_append_time_ms;
  append.size_bytes = rewritten.value().size();
  append.set_batch(read_batch_header(rewritten.value()));
  append.replace(rewritten.take());
  return append;
}

}  // namespace millrace
