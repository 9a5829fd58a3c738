// Reading: places within windows of the mapping on the event loop, whole views off it.
#include <algorithm>
#include <iterator>
#include <utility>

#include "convert.h"
#include "functions.h"
#include "pool_job.h"

namespace millrace::binding {

namespace {

enum class Isolation : int32_t { kUncommitted = 0, kCommitted = 1, kLogEnd = 2 };

int64_t limit_of(const LogState& state, Isolation isolation) {
  switch (isolation) {
    case Isolation::kUncommitted:
      return state.high_watermark;
    case Isolation::kCommitted:
      return state.last_stable_offset;
    case Isolation::kLogEnd:
      break;
  }
  return state.log_end_offset;
}

// Between what the isolation level lets through and the log's end there is nothing to read yet;
// beyond the end the offset does not exist.
Result<ReadSlice> read_log(PartitionLog& log, ReadOptions options, Isolation isolation) {
  const LogState state = log.state();
  options.limit_offset = limit_of(state, isolation);
  if (options.offset >= options.limit_offset && options.offset <= state.log_end_offset &&
      options.offset >= state.log_start_offset && !state.offline) {
    ReadSlice nothing;
    nothing.state = state;
    return nothing;
  }
  return log.read(options);
}

// (partition, offset, maxBytes, atLeastOne, isolation)
ReadOptions read_options(const Napi::CallbackInfo& info) {
  ReadOptions options;
  options.offset = int64_argument(info, 1);
  options.max_bytes = static_cast<size_t>(std::max<int64_t>(0, int64_argument(info, 2)));
  options.at_least_one = int32_argument(info, 3) != 0;
  return options;
}

// read(partition, offset, maxBytes, atLeastOne, isolation): code. State, size and place lie in
// results; the slice stays in the environment for takeWindow() or takeCopy().
Napi::Value read(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  const SharedPartition* partition = environment.partition(uint32_argument(info, 0));
  const auto answer = [&info](Code code) {
    return Napi::Number::New(info.Env(), static_cast<double>(code));
  };
  environment.last_slice = {};
  if (partition == nullptr) {
    environment.set_state({});
    environment.last_failure = Status(Code::kClosed, "the partition is closed or deleted");
    return answer(Code::kClosed);
  }
  const auto isolation = static_cast<Isolation>(int32_argument(info, 4));
  Result<ReadSlice> result = read_log(*partition->log, read_options(info), isolation);
  if (!result.is_ok()) {
    const Code code = result.status().code();
    if (code == Code::kCold) return answer(code);
    environment.set_state(partition->log->state());
    environment.last_failure = result.take_status();
    return answer(code);
  }
  ReadSlice& slice = result.value();
  environment.set_state(slice.state);
  environment.set_result(Environment::kReadSize, static_cast<double>(slice.size_bytes));
  environment.set_result(Environment::kWindowId,
                         slice.mapping ? static_cast<double>(slice.window_id) : -1);
  environment.set_result(Environment::kWindowOffset, static_cast<double>(slice.window_offset));
  environment.last_slice = std::move(slice);
  return answer(Code::kOk);
}

// takeWindow(): ArrayBuffer over the whole window that the last read's slice lies in
Napi::Value take_window(const Napi::CallbackInfo& info) {
  ReadSlice slice = std::exchange(Environment::of(info).last_slice, {});
  if (!slice.mapping) throw Napi::Error::New(info.Env(), "the last read gave no window");
  uint8_t* const data = slice.mapping->data();
  const size_t size_bytes = slice.mapping->size_bytes();
  return from_mapping(info.Env(), std::move(slice.mapping), data, size_bytes);
}

// takeCopy(): ArrayBuffer with the bytes of the last read, which crossed a window
Napi::Value take_copy(const Napi::CallbackInfo& info) {
  return from_bytes(info.Env(), std::exchange(Environment::of(info).last_slice, {}).copied);
}

// mappedViewBytes(): number, of all threads
Napi::Value view_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(mapped_view_bytes()));
}

struct ColdRead {
  Code code = Code::kOk;
  std::string message;
  ReadSlice slice;
};

ColdRead read_cold_on_pool(PartitionLog& log, ReadOptions options, Isolation isolation) {
  options.may_block = true;
  Result<ReadSlice> result = read_log(log, options, isolation);
  ColdRead read;
  if (result.is_ok()) {
    read.slice = result.take();
  } else {
    read.code = result.status().code();
    read.message = result.status().context();
    read.slice.state = log.state();
  }
  return read;
}

// { code, message, state: Float64Array, bytes: ArrayBuffer | undefined }. The state comes in an
// array of its own: other verbs may use results before the promise's reaction runs.
napi_value from_cold_read(Napi::Env env, ColdRead& read) {
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("code", static_cast<int32_t>(read.code));
  converted.Set("message", read.message);
  const LogState& state = read.slice.state;
  const double numbers[] = {static_cast<double>(state.log_start_offset),
                            static_cast<double>(state.log_end_offset),
                            static_cast<double>(state.durable_offset),
                            static_cast<double>(state.high_watermark),
                            static_cast<double>(state.last_stable_offset),
                            static_cast<double>(state.leader_epoch),
                            static_cast<double>(state.size_bytes),
                            static_cast<double>(state.segments),
                            state.offline ? 1.0 : 0.0};
  Napi::Float64Array state_array = Napi::Float64Array::New(env, std::size(numbers));
  std::copy(std::begin(numbers), std::end(numbers), state_array.Data());
  converted.Set("state", state_array);
  if (read.slice.size_bytes == 0) return converted;
  if (read.slice.mapping) {
    auto* data = const_cast<uint8_t*>(read.slice.data);
    converted.Set("bytes",
                  from_mapping(env, std::move(read.slice.mapping), data, read.slice.size_bytes));
  } else {
    converted.Set("bytes", from_bytes(env, std::move(read.slice.copied)));
  }
  return converted;
}

// readCold(partition, offset, maxBytes, atLeastOne, isolation): Promise<object>
Napi::Value read_cold(const Napi::CallbackInfo& info) {
  const SharedPartition* partition = Environment::of(info).partition(uint32_argument(info, 0));
  const ReadOptions options = read_options(info);
  const auto isolation = static_cast<Isolation>(int32_argument(info, 4));
  SharedPartition held = partition == nullptr ? SharedPartition{} : *partition;
  return PoolJob<ColdRead>::start(
      info.Env(), {},
      [held = std::move(held), options, isolation]() -> Result<ColdRead> {
        if (!held.log) {
          return ColdRead{Code::kClosed, "the partition is closed or deleted", {}};
        }
        return read_cold_on_pool(*held.log, options, isolation);
      },
      from_cold_read);
}

}  // namespace

void export_read_functions(Napi::Object exports, Environment& environment) {
  export_verb<read>(exports, "read", environment);
  export_verb<take_window>(exports, "takeWindow", environment);
  export_verb<take_copy>(exports, "takeCopy", environment);
  export_verb<view_bytes>(exports, "mappedViewBytes", environment);
  export_verb<read_cold>(exports, "readCold", environment);
}

}  // namespace millrace::binding
