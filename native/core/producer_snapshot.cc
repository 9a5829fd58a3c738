// ProducerSnapshot.json of Kafka, version 1: int16 version, uint32 CRC-32C of what follows it, an
// int32 count and entries of 46 bytes. Only the newest batch of each producer is kept in it.
#include <string>

#include "big_endian.h"
#include "big_endian_writer.h"
#include "crc32c.h"
#include "producer_state.h"

namespace millrace {
namespace {

constexpr int16_t kVersion = 1;
constexpr size_t kCrcAt = 2;
constexpr size_t kCountAt = 6;
constexpr size_t kEntriesAt = 10;
constexpr size_t kEntrySize = 46;

Status corrupt(const std::string& what) {
  return Status(Code::kCorruptLog, "producer snapshot: " + what);
}

ProducerEntry parse_entry(const uint8_t* at) {
  ProducerEntry entry;
  entry.producer_id = load_big_endian<int64_t>(at);
  entry.producer_epoch = load_big_endian<int16_t>(at + 8);
  const ProducedBatch newest = {
      load_big_endian<int32_t>(at + 10), load_big_endian<int64_t>(at + 14),
      load_big_endian<int32_t>(at + 22), load_big_endian<int64_t>(at + 26)};
  entry.last_timestamp_ms = newest.timestamp_ms;
  entry.coordinator_epoch = load_big_endian<int32_t>(at + 34);
  entry.current_txn_first_offset = load_big_endian<int64_t>(at + 38);
  if (newest.last_offset >= 0) {
    entry.batches[0] = newest;
    entry.batch_count = 1;
  }
  return entry;
}

}  // namespace

std::vector<uint8_t> ProducerState::serialize() const {
  std::vector<uint8_t> content;
  content.reserve(kEntriesAt + producers_.size() * kEntrySize);
  append_big_endian(content, kVersion);
  append_big_endian(content, uint32_t{0});
  append_big_endian(content, static_cast<int32_t>(producers_.size()));
  for (const auto& [id, entry] : producers_) {
    const ProducedBatch newest = entry.batch_count ? *entry.newest() : ProducedBatch{};
    append_big_endian(content, id);
    append_big_endian(content, entry.producer_epoch);
    append_big_endian(content, newest.last_sequence);
    append_big_endian(content, newest.last_offset);
    append_big_endian(content, newest.offset_delta);
    append_big_endian(content, entry.last_timestamp_ms);
    append_big_endian(content, entry.coordinator_epoch);
    append_big_endian(content, entry.current_txn_first_offset);
  }
  const uint32_t crc = crc32c(0, ByteView(content).subspan(kCountAt));
  store_big_endian(content.data() + kCrcAt, crc);
  return content;
}

Result<ProducerState> ProducerState::parse(ByteView snapshot) {
  if (snapshot.size() < kEntriesAt) return corrupt("too short");
  if (load_big_endian<int16_t>(snapshot.data()) != kVersion) return corrupt("version is not 1");
  if (load_big_endian<uint32_t>(snapshot.data() + kCrcAt) !=
      crc32c(0, snapshot.subspan(kCountAt))) {
    return corrupt("bad CRC");
  }
  const int32_t count = load_big_endian<int32_t>(snapshot.data() + kCountAt);
  if (count < 0 || snapshot.size() != kEntriesAt + static_cast<size_t>(count) * kEntrySize) {
    return corrupt("says " + std::to_string(count) + " entries");
  }
  ProducerState state;
  for (int32_t i = 0; i < count; ++i) {
    const ProducerEntry entry =
        parse_entry(snapshot.data() + kEntriesAt + static_cast<size_t>(i) * kEntrySize);
    if (entry.current_txn_first_offset >= 0) {
      state.open_transactions_[entry.current_txn_first_offset] = entry.producer_id;
    }
    state.producers_[entry.producer_id] = entry;
  }
  return state;
}

}  // namespace millrace
