// An append on its way in: validated batches, where their bytes are, and what each must become.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "partition_log.h"
#include "producer_state.h"

namespace millrace {

struct PreparedBatch {
  BatchHeader header;  // offsets and epoch are assigned under the partition's mutex
  std::optional<EndTransactionMarker> marker;
};

// Refers to the caller's chunks, or owns the bytes that replaced them.
class PreparedAppend {
 public:
  AppendOptions options;
  int64_t log_append_time_ms = -1;
  int64_t log_start_offset = 0;
  int64_t duplicate_first_offset = -1;  // of the batch that this one repeats
  int64_t duplicate_last_offset = -1;
  uint64_t size_bytes = 0;
  uint64_t records_count = 0;

  std::span<PreparedBatch> batches() {
    return many_.empty() ? std::span<PreparedBatch>(one_) : std::span<PreparedBatch>(many_);
  }
  std::span<const PreparedBatch> batches() const {
    return many_.empty() ? std::span<const PreparedBatch>(one_)
                         : std::span<const PreparedBatch>(many_);
  }
  void set_batch(const BatchHeader& header) { one_[0].header = header; }
  void set_batches(std::vector<PreparedBatch> batches) { many_ = std::move(batches); }

  std::span<const ByteView> chunks() const {
    return replacement_.empty() ? source_ : std::span<const ByteView>(&replacement_view_, 1);
  }
  void set_source(std::span<const ByteView> chunks) { source_ = chunks; }
  void replace(std::vector<uint8_t> bytes) {
    replacement_ = std::move(bytes);
    replacement_view_ = replacement_;
  }

  PreparedAppend() = default;
  PreparedAppend(PreparedAppend&& other) noexcept { *this = std::move(other); }
  PreparedAppend& operator=(PreparedAppend&&) noexcept = default;  // a vector's bytes do not move

 private:
  std::array<PreparedBatch, 1> one_;  // the usual case allocates nothing
  std::vector<PreparedBatch> many_;
  std::span<const ByteView> source_;
  std::vector<uint8_t> replacement_;
  ByteView replacement_view_;
};

}  // namespace millrace
