#include "producer_state.h"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace {
namespace {

constexpr int64_t kSequences = int64_t{INT32_MAX} + 1;

// In a space that wraps from 2^31 - 1 to 0.
bool follows(int32_t last_sequence, int32_t next_sequence) {
  return next_sequence == int64_t{last_sequence} + 1 ||
         (next_sequence == 0 && last_sequence == INT32_MAX);
}

std::string producer_text(const BatchHeader& batch) {
  return "producer " + std::to_string(batch.producer_id) + " epoch " +
         std::to_string(batch.producer_epoch);
}

Status check_epoch(const BatchHeader& batch, const ProducerEntry& entry) {
  if (batch.producer_epoch >= entry.producer_epoch) return Status::ok();
  return Status(Code::kInvalidProducerEpoch, producer_text(batch) + ": the current epoch is " +
                                                 std::to_string(entry.producer_epoch));
}

// A new epoch starts an empty window of batches.
void take_epoch(ProducerEntry& entry, int16_t epoch) {
  if (entry.producer_epoch == epoch) return;
  entry.producer_epoch = epoch;
  entry.batch_count = 0;
}

}  // namespace

int32_t ProducedBatch::first_sequence() const {
  const int64_t first = int64_t{last_sequence} - offset_delta;
  return static_cast<int32_t>(first < 0 ? first + kSequences : first);
}

const ProducedBatch* ProducerState::find_duplicate(const BatchHeader& batch) const {
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end() || found->second.producer_epoch != batch.producer_epoch) {
    return nullptr;
  }
  const ProducerEntry& entry = found->second;
  const int32_t last_sequence = batch.last_sequence();
  for (size_t i = 0; i < entry.batch_count; ++i) {
    const ProducedBatch& cached = entry.batches[i];
    if (cached.last_sequence == last_sequence && cached.first_sequence() == batch.base_sequence) {
      return &cached;
    }
  }
  return nullptr;
}

Status ProducerState::check(const BatchHeader& batch, AppendOrigin origin) const {
  if (origin == AppendOrigin::kReplica) return Status::ok();
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end()) return Status::ok();  // any sequence: its past may be deleted
  const ProducerEntry& entry = found->second;
  if (Status epoch = check_epoch(batch, entry); !epoch.is_ok()) return epoch;
  if (origin == AppendOrigin::kClient) {
    if (Status sequence = check_sequence(batch, entry); !sequence.is_ok()) return sequence;
  }
  if (entry.current_txn_first_offset >= 0 && !batch.is_transactional()) {
    return Status(Code::kInvalidTxnState,
                  producer_text(batch) + ": expected a transactional write, the transaction from " +
                      std::to_string(entry.current_txn_first_offset) + " is open");
  }
  return Status::ok();
}

Status ProducerState::check_sequence(const BatchHeader& batch, const ProducerEntry& entry) const {
  const std::string arrived = std::to_string(batch.base_sequence);
  if (batch.producer_epoch != entry.producer_epoch) {
    if (batch.base_sequence == 0 || entry.producer_epoch < 0) return Status::ok();
    return Status(Code::kOutOfOrderSequence, producer_text(batch) + ": sequence " + arrived +
                                                 " begins a new epoch (the last was " +
                                                 std::to_string(entry.producer_epoch) + ")");
  }
  if (follows(entry.last_sequence(), batch.base_sequence)) return Status::ok();
  return Status(Code::kOutOfOrderSequence, producer_text(batch) + ": sequence " + arrived +
                                               " after " + std::to_string(entry.last_sequence()));
}

void ProducerState::append(const BatchHeader& batch) {
  ProducerEntry& entry = producers_[batch.producer_id];
  entry.producer_id = batch.producer_id;
  take_epoch(entry, batch.producer_epoch);
  if (entry.batch_count == ProducerEntry::kCachedBatches) {
    std::move(entry.batches.begin() + 1, entry.batches.end(), entry.batches.begin());
    --entry.batch_count;
  }
  entry.batches[entry.batch_count++] = {batch.last_sequence(), batch.last_offset(),
                                        batch.last_offset_delta, batch.max_timestamp};
  entry.last_timestamp_ms = batch.max_timestamp;
  entry.idle_since_ms = -1;
  if (batch.is_transactional() && entry.current_txn_first_offset < 0) {
    entry.current_txn_first_offset = batch.base_offset;
    open_transactions_[batch.base_offset] = batch.producer_id;
  }
}

Status ProducerState::check_marker(const BatchHeader& batch, const EndTransactionMarker& marker,
                                   AppendOrigin origin) const {
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end() || origin == AppendOrigin::kReplica) return Status::ok();
  const ProducerEntry& entry = found->second;
  if (Status epoch = check_epoch(batch, entry); !epoch.is_ok()) return epoch;
  if (entry.coordinator_epoch > marker.coordinator_epoch) {
    return Status(Code::kInvalidTxnState,
                  producer_text(batch) + ": a marker of coordinator epoch " +
                      std::to_string(marker.coordinator_epoch) + " after one of " +
                      std::to_string(entry.coordinator_epoch));
  }
  return Status::ok();
}

std::optional<AbortedTransaction> ProducerState::append_marker(const BatchHeader& batch,
                                                               const EndTransactionMarker& marker) {
  ProducerEntry& entry = producers_[batch.producer_id];
  entry.producer_id = batch.producer_id;
  take_epoch(entry, batch.producer_epoch);
  entry.coordinator_epoch = marker.coordinator_epoch;
  entry.last_timestamp_ms = batch.max_timestamp;
  entry.idle_since_ms = -1;
  if (entry.current_txn_first_offset < 0) return std::nullopt;
  const int64_t first_offset = entry.current_txn_first_offset;
  entry.current_txn_first_offset = -1;
  open_transactions_.erase(first_offset);
  unreplicated_transactions_[first_offset] = batch.last_offset();
  if (!marker.abort) return std::nullopt;
  return AbortedTransaction{batch.producer_id, first_offset, batch.last_offset(),
                            last_stable_after(batch.last_offset())};
}

int64_t ProducerState::last_stable_after(int64_t marker_offset) const {
  return open_transactions_.empty() ? marker_offset + 1 : open_transactions_.begin()->first;
}

std::optional<int64_t> ProducerState::first_unstable_offset() const {
  std::optional<int64_t> first;
  if (!open_transactions_.empty()) first = open_transactions_.begin()->first;
  if (!unreplicated_transactions_.empty()) {
    const int64_t ended = unreplicated_transactions_.begin()->first;
    first = first ? std::min(*first, ended) : ended;
  }
  return first;
}

void ProducerState::on_high_watermark(int64_t high_watermark) {
  if (unreplicated_transactions_.empty()) return;
  std::erase_if(unreplicated_transactions_, [high_watermark](const auto& transaction) {
    return transaction.second < high_watermark;
  });
}

size_t ProducerState::expire(int64_t now_ms, int64_t expiry_ms) {
  for (auto& [id, entry] : producers_) {
    if (entry.idle_since_ms < 0) entry.idle_since_ms = now_ms;
  }
  return std::erase_if(producers_, [now_ms, expiry_ms](const auto& item) {
    const ProducerEntry& entry = item.second;
    return entry.current_txn_first_offset < 0 && now_ms - entry.idle_since_ms >= expiry_ms;
  });
}

void ProducerState::clear() {
  producers_.clear();
  open_transactions_.clear();
  unreplicated_transactions_.clear();
}

std::vector<ProducerStateView> ProducerState::view() const {
  std::vector<ProducerStateView> views;
  views.reserve(producers_.size());
  for (const auto& [id, entry] : producers_) {
    views.push_back({id, entry.producer_epoch, entry.last_sequence(), entry.last_timestamp_ms,
                     entry.coordinator_epoch, entry.current_txn_first_offset});
  }
  std::sort(views.begin(), views.end(), [](const auto& left, const auto& right) {
    return left.producer_id < right.producer_id;
  });
  return views;
}

}  // namespace millrace
