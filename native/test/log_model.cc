#include "log_model.h"

namespace millrace::testing {

void LogModel::truncate_to(int64_t offset) {
  while (!batches_.empty() && batches_.back().last_offset >= offset) {
    empty_end_ = batches_.back().base_offset;
    batches_.pop_back();
  }
}

void LogModel::start_at(int64_t offset) {
  batches_.clear();
  empty_end_ = offset;
}

Bytes LogModel::from(int64_t offset) const {
  Bytes joined;
  for (const ModelBatch& batch : batches_) {
    if (batch.last_offset < offset) continue;
    joined.insert(joined.end(), batch.stored.begin(), batch.stored.end());
  }
  return joined;
}

int64_t LogModel::some_offset(uint64_t value) const {
  if (batches_.empty()) return empty_end_;
  const size_t index = value % (batches_.size() + 1);
  return index == batches_.size() ? end_offset() : batches_[index].base_offset;
}

std::map<int64_t, std::pair<int16_t, int32_t>> LogModel::producers() const {
  std::map<int64_t, std::pair<int16_t, int32_t>> found;
  for (const ModelBatch& batch : batches_) {
    const BatchHeader header = read_batch_header(ByteView(batch.stored));
    if (header.has_producer()) {
      found[header.producer_id] = {header.producer_epoch, header.last_sequence()};
    }
  }
  return found;
}

}  // namespace millrace::testing
