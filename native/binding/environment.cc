#include "environment.h"

namespace millrace::binding {

Environment::Environment(Napi::Env env) {
  Napi::Float64Array results = Napi::Float64Array::New(env, kResultCount);
  results_ = results.Data();
  results_reference_ = Napi::Persistent(results);
  generation_ = Registry::instance().generation();
}

const SharedPartition* Environment::partition(uint32_t handle) {
  if (generation_ != Registry::instance().generation()) drop_removed();
  if (handle < partitions_.size() && partitions_[handle].log) return &partitions_[handle];
  std::optional<SharedPartition> found = Registry::instance().partition(handle);
  if (!found) return nullptr;
  if (handle >= partitions_.size()) partitions_.resize(handle + 1);
  partitions_[handle] = std::move(*found);
  return &partitions_[handle];
}

void Environment::drop_removed() {
  generation_ = Registry::instance().generation();
  for (SharedPartition& partition : partitions_) {
    if (partition.log && !Registry::instance().partition(partition.record->handle)) partition = {};
  }
}

void Environment::set_state(const LogState& state) {
  results_[kLogStartOffset] = static_cast<double>(state.log_start_offset);
  results_[kLogEndOffset] = static_cast<double>(state.log_end_offset);
  results_[kDurableOffset] = static_cast<double>(state.durable_offset);
  results_[kHighWatermark] = static_cast<double>(state.high_watermark);
  results_[kLastStableOffset] = static_cast<double>(state.last_stable_offset);
  results_[kLeaderEpoch] = state.leader_epoch;
  results_[kSizeBytes] = static_cast<double>(state.size_bytes);
  results_[kSegments] = state.segments;
  results_[kOffline] = state.offline ? 1 : 0;
}

namespace {

bool byte_view(napi_env env, napi_value value, ByteView& view) {
  bool is_typed_array = false;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return false;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  view = ByteView(static_cast<const uint8_t*>(data), length);
  return type == napi_uint8_array;
}

}  // namespace

std::optional<std::span<const ByteView>> Environment::byte_views(napi_env env, napi_value value) {
  views_.clear();
  ByteView view;
  if (byte_view(env, value, view)) {
    views_.push_back(view);
    return views_;
  }
  uint32_t length = 0;
  if (napi_get_array_length(env, value, &length) != napi_ok) return std::nullopt;
  for (uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    if (napi_get_element(env, value, i, &element) != napi_ok) return std::nullopt;
    if (!byte_view(env, element, view)) return std::nullopt;
    views_.push_back(view);
  }
  return views_;
}

}  // namespace millrace::binding
