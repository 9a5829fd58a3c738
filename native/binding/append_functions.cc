// The verbs that every produced batch passes: each is one call, allocates nothing in the common
// case and answers a code; numbers go to Environment's results.
#include "convert.h"
#include "functions.h"

namespace millrace::binding {

namespace {

Napi::Value code_value(const Napi::CallbackInfo& info, Code code) {
  napi_value value = nullptr;
  napi_create_int32(info.Env(), static_cast<int32_t>(code), &value);
  return Napi::Value(info.Env(), value);
}

Napi::Value fail(const Napi::CallbackInfo& info, Status status) {
  const Code code = status.code();
  Environment::of(info).last_failure = std::move(status);
  return code_value(info, code);
}

Status closed() { return Status(Code::kClosed, "the partition is closed or deleted"); }

// append(partition, Uint8Array | Uint8Array[], origin, leaderEpoch): code
Napi::Value append(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  const SharedPartition* partition = environment.partition(uint32_argument(info, 0));
  if (partition == nullptr) return fail(info, closed());
  const auto views = environment.byte_views(info.Env(), info[1]);
  if (!views) throw Napi::TypeError::New(info.Env(), "records must be Uint8Array or Uint8Array[]");
  const AppendOptions options = {.origin = static_cast<AppendOrigin>(int32_argument(info, 2)),
                                 .leader_epoch = int32_argument(info, 3)};
  Result<AppendResult> result = partition->log->append(ChunkList(*views), options);
  if (!result.is_ok()) return fail(info, result.take_status());
  const AppendResult& appended = result.value();
  environment.set_result(Environment::kBaseOffset, static_cast<double>(appended.base_offset));
  environment.set_result(Environment::kLastOffset, static_cast<double>(appended.last_offset));
  environment.set_result(Environment::kLogAppendTime,
                         static_cast<double>(appended.log_append_time_ms));
  environment.set_result(Environment::kLogStartOffset,
                         static_cast<double>(appended.log_start_offset));
  environment.set_result(Environment::kDuplicate, appended.duplicate ? 1 : 0);
  return code_value(info, Code::kOk);
}

// lastFailure(): { message, recordIndex } of the last verb that answered a code other than 0
Napi::Value last_failure(const Napi::CallbackInfo& info) {
  const Status& status = Environment::of(info).last_failure;
  Napi::Object failure = Napi::Object::New(info.Env());
  failure.Set("message", status.context().empty() ? code_name(status.code()) : status.context());
  failure.Set("recordIndex", status.record_index());
  return failure;
}

// state(partition): code; the state lies in results
Napi::Value state(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  const SharedPartition* partition = environment.partition(uint32_argument(info, 0));
  if (partition == nullptr) return fail(info, closed());
  environment.set_state(partition->log->state());
  return code_value(info, Code::kOk);
}

// durableOffset(partition): number; -1 when the partition is closed
Napi::Value durable_offset(const Napi::CallbackInfo& info) {
  const SharedPartition* partition = Environment::of(info).partition(uint32_argument(info, 0));
  return from_int64(info.Env(), partition == nullptr ? -1 : partition->log->state().durable_offset);
}

// highWatermark(partition): number; -1 when the partition is closed
Napi::Value high_watermark(const Napi::CallbackInfo& info) {
  const SharedPartition* partition = Environment::of(info).partition(uint32_argument(info, 0));
  return from_int64(info.Env(), partition == nullptr ? -1 : partition->log->state().high_watermark);
}

}  // namespace

void export_append_functions(Napi::Object exports, Environment& environment) {
  export_verb<append>(exports, "append", environment);
  export_verb<last_failure>(exports, "lastFailure", environment);
  export_verb<state>(exports, "state", environment);
  export_verb<durable_offset>(exports, "durableOffset", environment);
  export_verb<high_watermark>(exports, "highWatermark", environment);
}

}  // namespace millrace::binding
