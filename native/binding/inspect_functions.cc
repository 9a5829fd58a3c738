// Segment files for `millrace log dump|verify|repair`.
#include "convert.h"
#include "functions.h"
#include "pool_job.h"
#include "posix_file_system.h"
#include "segment_inspector.h"

namespace millrace::binding {

namespace {

const char* end_name(InspectionEnd end) {
  switch (end) {
    case InspectionEnd::kMore:
      return "more";
    case InspectionEnd::kEnd:
      return "end";
    case InspectionEnd::kZeros:
      return "zeros";
    case InspectionEnd::kTorn:
      break;
  }
  return "torn";
}

Napi::Object from_batch(Napi::Env env, const InspectedBatch& batch) {
  const BatchHeader& header = batch.header;
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("position", from_int64(env, static_cast<int64_t>(batch.position)));
  converted.Set("sizeBytes", static_cast<double>(header.size_bytes()));
  converted.Set("baseOffset", from_int64(env, header.base_offset));
  converted.Set("lastOffset", from_int64(env, header.last_offset()));
  converted.Set("leaderEpoch", header.leader_epoch);
  converted.Set("magic", static_cast<int32_t>(header.magic));
  converted.Set("crc", static_cast<double>(header.crc));
  converted.Set("compression", static_cast<int32_t>(header.compression()));
  converted.Set("isTransactional", header.is_transactional());
  converted.Set("isControl", header.is_control());
  converted.Set("isLogAppendTime", header.is_log_append_time());
  converted.Set("baseTimestampMs", from_int64(env, header.base_timestamp));
  converted.Set("maxTimestampMs", from_int64(env, header.max_timestamp));
  converted.Set("producerId", from_int64(env, header.producer_id));
  converted.Set("producerEpoch", static_cast<int32_t>(header.producer_epoch));
  converted.Set("baseSequence", header.base_sequence);
  converted.Set("recordsCount", header.records_count);
  if (!batch.verdict.is_ok()) {
    const std::string& context = batch.verdict.context();
    converted.Set("problem", context.empty() ? code_name(batch.verdict.code()) : context);
  }
  return converted;
}

napi_value from_inspection(Napi::Env env, Inspection& inspection) {
  Napi::Array batches = Napi::Array::New(env, inspection.batches.size());
  for (uint32_t i = 0; i < inspection.batches.size(); ++i) {
    const Napi::HandleScope scope(env);
    batches.Set(i, from_batch(env, inspection.batches[i]));
  }
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("batches", batches);
  converted.Set("end", end_name(inspection.end));
  converted.Set("nextPosition", from_int64(env, static_cast<int64_t>(inspection.next_position)));
  converted.Set("fileBytes", from_int64(env, static_cast<int64_t>(inspection.file_bytes)));
  return converted;
}

// inspectSegment(path, fromPosition, maxBatches): Promise<object>
Napi::Value inspect_segment(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info, 0);
  const auto position = static_cast<uint64_t>(int64_argument(info, 1));
  const size_t max_batches = uint32_argument(info, 2);
  return PoolJob<Inspection>::start(
      info.Env(), path,
      [path, position, max_batches]() -> Result<Inspection> {
        auto inspector = SegmentInspector::open(posix_file_system(), path);
        if (!inspector.is_ok()) return inspector.take_status();
        return inspector.value().inspect(position, max_batches);
      },
      from_inspection);
}

// batchRecords(path, position, maxOutputBytes): Promise<ArrayBuffer>, decompressed
Napi::Value batch_records(const Napi::CallbackInfo& info) {
  using Bytes = std::vector<uint8_t>;
  const std::string path = string_argument(info, 0);
  const auto position = static_cast<uint64_t>(int64_argument(info, 1));
  const auto max_output_bytes = static_cast<uint64_t>(int64_argument(info, 2));
  return PoolJob<Bytes>::start(
      info.Env(), path,
      [path, position, max_output_bytes]() -> Result<Bytes> {
        auto inspector = SegmentInspector::open(posix_file_system(), path);
        if (!inspector.is_ok()) return inspector.take_status();
        return inspector.value().records(position, max_output_bytes);
      },
      [](Napi::Env env, Bytes& bytes) -> napi_value { return from_bytes(env, std::move(bytes)); });
}

// lockDirectory(path): () => void, which unlocks. For tools that change a directory nobody has
// open.
Napi::Value lock_directory(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info, 0);
  auto locked = posix_file_system().lock_directory(path);
  if (!locked.is_ok()) throw to_error(info.Env(), locked.status(), path);
  const auto held = std::make_shared<std::unique_ptr<DirectoryLock>>(locked.take());
  return Napi::Function::New(
      info.Env(), [held](const Napi::CallbackInfo&) { held->reset(); }, "unlock");
}

}  // namespace

void export_inspect_functions(Napi::Object exports, Environment& environment) {
  export_verb<inspect_segment>(exports, "inspectSegment", environment);
  export_verb<batch_records>(exports, "batchRecords", environment);
  export_verb<lock_directory>(exports, "lockDirectory", environment);
}

}  // namespace millrace::binding
