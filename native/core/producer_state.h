// What a partition remembers of each idempotent or transactional producer, with the rules of
// Kafka's ProducerStateManager and ProducerAppendInfo. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "partition_log.h"
#include "status.h"

namespace millrace {

struct ProducedBatch {
  int32_t last_sequence = -1;
  int64_t last_offset = -1;
  int32_t offset_delta = 0;
  int64_t timestamp_ms = -1;

  int64_t first_offset() const { return last_offset - offset_delta; }
  int32_t first_sequence() const;
};

struct ProducerEntry {
  static constexpr size_t kCachedBatches = 5;

  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t coordinator_epoch = -1;
  int64_t last_timestamp_ms = -1;
  int64_t current_txn_first_offset = -1;  // -1: none
  // Not the records' timestamps, which may be years old: when expire() first found that it had
  // written nothing new; -1: it wrote since. What is read from disk counts as written now.
  int64_t idle_since_ms = -1;
  std::array<ProducedBatch, kCachedBatches> batches;  // the oldest first
  size_t batch_count = 0;

  const ProducedBatch* newest() const { return batch_count ? &batches[batch_count - 1] : nullptr; }
  int32_t last_sequence() const { return batch_count ? newest()->last_sequence : -1; }
};

// A control batch that ends a transaction.
struct EndTransactionMarker {
  bool abort = false;
  int32_t coordinator_epoch = -1;
};

class ProducerState {
 public:
  // The cached batch of which `batch` is a resend, or null.
  const ProducedBatch* find_duplicate(const BatchHeader& batch) const;

  // Whether `batch` may follow what is known; changes nothing. kOutOfOrderSequence,
  // kInvalidProducerEpoch, kInvalidTxnState. A replica's append is not checked.
  Status check(const BatchHeader& batch, AppendOrigin origin) const;
  // `batch` carries the offsets it was given.
  void append(const BatchHeader& batch);

  Status check_marker(const BatchHeader& batch, const EndTransactionMarker& marker,
                      AppendOrigin origin) const;
  // The transaction that the marker aborts, when one was open and it aborts.
  std::optional<AbortedTransaction> append_marker(const BatchHeader& batch,
                                                  const EndTransactionMarker& marker);

  // The first offset of the oldest transaction that is open, or ended at or above the high
  // watermark; nothing when there is none.
  std::optional<int64_t> first_unstable_offset() const;
  void on_high_watermark(int64_t high_watermark);

  // Forgets who wrote nothing for `expiry_ms`, to the precision of the calls, and has no open
  // transaction. Returns how many.
  size_t expire(int64_t now_ms, int64_t expiry_ms);
  void clear();
  bool empty() const { return producers_.empty(); }
  std::vector<ProducerStateView> view() const;

  // Kafka's .snapshot, version 1.
  std::vector<uint8_t> serialize() const;
  static Result<ProducerState> parse(ByteView snapshot);

 private:
  using Producers = std::unordered_map<int64_t, ProducerEntry>;

  Status check_sequence(const BatchHeader& batch, const ProducerEntry& entry) const;
  int64_t last_stable_after(int64_t marker_offset) const;

  Producers producers_;
  std::map<int64_t, int64_t> open_transactions_;          // first offset to producer id
  std::map<int64_t, int64_t> unreplicated_transactions_;  // first offset to its marker's offset
};

}  // namespace millrace
