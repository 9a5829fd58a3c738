// What a log must hold, kept in the plainest way: a list of batches. For the property test.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "batch_builder.h"
#include "partition_log.h"

namespace millrace::testing {

struct ModelBatch {
  int64_t base_offset = 0;
  int64_t last_offset = 0;
  int64_t max_timestamp = 0;
  Bytes stored;
};

class LogModel {
 public:
  void append(ModelBatch batch) { batches_.push_back(std::move(batch)); }
  // The batch that holds `offset` goes whole.
  void truncate_to(int64_t offset);
  void start_at(int64_t offset);
  int64_t end_offset() const {
    return batches_.empty() ? empty_end_ : batches_.back().last_offset + 1;
  }
  // The joined bytes of the batches that a read from `offset` to the end returns.
  Bytes from(int64_t offset) const;
  const std::vector<ModelBatch>& batches() const { return batches_; }
  // A batch border drawn from `value`, or the end.
  int64_t some_offset(uint64_t value) const;
  // Producer id to (epoch, last sequence), by replaying every batch.
  std::map<int64_t, std::pair<int16_t, int32_t>> producers() const;

 private:
  std::vector<ModelBatch> batches_;
  int64_t empty_end_ = 0;
};

}  // namespace millrace::testing
