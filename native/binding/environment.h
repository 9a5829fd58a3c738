// What one JavaScript environment (the main thread or a worker) keeps: its own references to the
// partitions it uses, so that an append takes no process-wide lock, and the memory through which
// the frequent verbs return numbers without allocating.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "notifier.h"
#include "registry.h"

namespace millrace::binding {

class Environment {
 public:
  // Places in `results`, as src/log/native.ts names them.
  enum Place : size_t {
    kLogStartOffset = 0,
    kLogEndOffset = 1,
    kDurableOffset = 2,
    kHighWatermark = 3,
    kLastStableOffset = 4,
    kLeaderEpoch = 5,
    kSizeBytes = 6,
    kSegments = 7,
    kOffline = 8,
    kBaseOffset = 9,
    kLastOffset = 10,
    kLogAppendTime = 11,
    kDuplicate = 12,
    kReadSize = 13,
    kWindowId = 14,  // -1: the bytes were copied, takeCopy() has them
    kWindowOffset = 15,
    kResultCount = 16,
  };

  explicit Environment(Napi::Env env);
  static Environment& of(const Napi::CallbackInfo& info) {
    return *static_cast<Environment*>(info.Data());
  }

  // Null: never opened, deleted or closed. Valid until the next call of this function.
  const SharedPartition* partition(uint32_t handle);
  void set_result(Place place, double value) { results_[place] = value; }
  void set_state(const LogState& state);
  Napi::Float64Array results_array() const { return results_reference_.Value(); }

  // The bytes of a Uint8Array or an array of them, without a copy; valid while the arguments are.
  // Nullopt when `value` is neither.
  std::optional<std::span<const ByteView>> byte_views(napi_env env, napi_value value);

  // The failure that the last verb of this environment answered with its code, and the slice that
  // the last read answered with its place: fetched by a second call where JavaScript needs them.
  Status last_failure;
  ReadSlice last_slice;
  std::unique_ptr<Notifier> notifier;

  // Lets go of partitions that were deleted: until every thread has, their files keep their room.
  void drop_removed();

 private:
  Napi::Reference<Napi::Float64Array> results_reference_;
  double* results_ = nullptr;
  std::vector<ByteView> views_;
  std::vector<SharedPartition> partitions_;  // by handle
  uint64_t generation_ = 0;
};

}  // namespace millrace::binding
