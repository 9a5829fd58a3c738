#include "segment_indexes.h"

#include <utility>
#include <vector>

#include "file_io.h"
#include "log_file_names.h"

namespace millrace {
namespace {

// Two entries a byte of log cannot be; the factor only keeps a damaged file from being read whole.
constexpr uint64_t kIndexBytesMax = 512u << 20;

std::string with_suffix(const std::string& stem, std::string_view suffix) {
  return std::string(stem).append(suffix);
}

Status write_plain(FileSystem& files, const std::string& path, ByteView content) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kCreateOrOpen);
  if (!file.is_ok()) return file.take_status();
  if (Status cut = file.value()->truncate(0); !cut.is_ok()) return cut;
  const ByteView chunks[] = {content};
  return content.empty() ? Status::ok() : file.value()->write_at(chunks, 0);
}

}  // namespace

void SegmentIndexes::on_batch(const BatchHeader& batch, uint64_t position,
                              uint32_t index_interval_bytes) {
  if (batch.max_timestamp > largest_timestamp.timestamp_ms) {
    largest_timestamp = {batch.max_timestamp, batch.last_offset()};
  }
  if (bytes_since_entry > index_interval_bytes) {
    offsets.append(batch.last_offset(), static_cast<uint32_t>(position));
    times.append(largest_timestamp);
    bytes_since_entry = 0;
  }
  bytes_since_entry += batch.size_bytes();
}

Status write_indexes(FileSystem& files, const std::string& stem, const SegmentIndexes& indexes,
                     bool durable) {
  const auto write = [&](std::string_view suffix, const std::vector<uint8_t>& content) {
    const std::string path = with_suffix(stem, suffix);
    return durable ? replace_file(files, path, content, Durability::kContent)
                   : write_plain(files, path, content);
  };
  const std::string transactions = with_suffix(stem, log_suffix::kTransactionIndex);
  Status status = Status::ok();
  if (!indexes.transactions.empty()) {
    status = write(log_suffix::kTransactionIndex, indexes.transactions.serialize());
  } else if (files.exists(transactions)) {
    status = files.remove(transactions);
  }
  if (status.is_ok()) status = write(log_suffix::kTimeIndex, indexes.times.serialize());
  if (status.is_ok() && durable) status = files.sync_directory(parent_directory(stem));
  if (!status.is_ok()) return status;
  return write(log_suffix::kOffsetIndex, indexes.offsets.serialize());
}

Result<TransactionIndex> read_transaction_index(FileSystem& files, const std::string& stem) {
  const std::string path = with_suffix(stem, log_suffix::kTransactionIndex);
  if (!files.exists(path)) return TransactionIndex();
  Result<std::vector<uint8_t>> bytes = read_whole_file(files, path, kIndexBytesMax);
  if (!bytes.is_ok()) return bytes.take_status();
  return TransactionIndex::parse(bytes.value());
}

Result<std::shared_ptr<SegmentIndexes>> read_indexes(FileSystem& files, const std::string& stem,
                                                     int64_t base_offset, uint64_t log_bytes) {
  auto indexes = std::make_shared<SegmentIndexes>(base_offset);
  auto bytes = read_whole_file(files, with_suffix(stem, log_suffix::kOffsetIndex), kIndexBytesMax);
  if (!bytes.is_ok()) return bytes.take_status();
  Result<OffsetIndex> offsets = OffsetIndex::parse(base_offset, bytes.value(), log_bytes);
  if (!offsets.is_ok()) return offsets.take_status();
  bytes = read_whole_file(files, with_suffix(stem, log_suffix::kTimeIndex), kIndexBytesMax);
  if (!bytes.is_ok()) return bytes.take_status();
  Result<TimeIndex> times = TimeIndex::parse(base_offset, bytes.value());
  if (!times.is_ok()) return times.take_status();
  Result<TransactionIndex> transactions = read_transaction_index(files, stem);
  if (!transactions.is_ok()) return transactions.take_status();
  indexes->transactions = transactions.take();
  indexes->offsets = offsets.take();
  indexes->times = times.take();
  if (indexes->times.entry_count() > 0) indexes->largest_timestamp = indexes->times.last();
  return indexes;
}

}  // namespace millrace
