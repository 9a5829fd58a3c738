// The aborted transactions that end in a segment, in the format of Kafka's .txnindex files: version
// 0, entries of 34 bytes. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "bytes.h"
#include "partition_log.h"
#include "status.h"

namespace millrace {

class TransactionIndex {
 public:
  static constexpr size_t kEntrySize = 34;
  static constexpr int16_t kVersion = 0;

  // kCorruptLog unless every entry has the version and ends after the one before it.
  static Result<TransactionIndex> parse(ByteView content);

  void append(const AbortedTransaction& transaction) { entries_.push_back(transaction); }
  // Adds to `found` what overlaps [from, to). True when no later segment can hold more of it.
  bool collect(int64_t from, int64_t to, std::vector<AbortedTransaction>& found) const;

  std::vector<uint8_t> serialize() const;
  bool empty() const { return entries_.empty(); }
  const std::vector<AbortedTransaction>& entries() const { return entries_; }

 private:
  std::vector<AbortedTransaction> entries_;
};

}  // namespace millrace
