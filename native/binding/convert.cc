#include "convert.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <utility>

#include "deleted_files.h"

namespace millrace::binding {

int64_t to_int64(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 0x1p63) return INT64_MAX;
  if (value < -0x1p63) return INT64_MIN;
  return static_cast<int64_t>(value);
}

namespace {

[[noreturn]] void throw_argument(const Napi::CallbackInfo& info, size_t index, const char* wanted) {
  throw Napi::TypeError::New(
      info.Env(), "argument " + std::to_string(index) + " must be " + std::string(wanted));
}

double number_field(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + " must be a number");
  }
  return value.As<Napi::Number>().DoubleValue();
}

int64_t int64_field(const Napi::Object& object, const char* name) {
  return to_int64(number_field(object, name));
}

uint32_t uint32_field(const Napi::Object& object, const char* name) {
  const double value = number_field(object, name);
  if (value < 0) return 0;
  return value >= UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(value);
}

bool bool_field(const Napi::Object& object, const char* name) {
  return object.Get(name).ToBoolean().Value();
}

}  // namespace

int64_t int64_argument(const Napi::CallbackInfo& info, size_t index) {
  double value = 0;
  if (napi_get_value_double(info.Env(), info[index], &value) != napi_ok) {
    throw_argument(info, index, "a number");
  }
  return to_int64(value);
}

uint32_t uint32_argument(const Napi::CallbackInfo& info, size_t index) {
  uint32_t value = 0;
  if (napi_get_value_uint32(info.Env(), info[index], &value) != napi_ok) {
    throw_argument(info, index, "a number");
  }
  return value;
}

int32_t int32_argument(const Napi::CallbackInfo& info, size_t index) {
  int32_t value = 0;
  if (napi_get_value_int32(info.Env(), info[index], &value) != napi_ok) {
    throw_argument(info, index, "a number");
  }
  return value;
}

std::string string_argument(const Napi::CallbackInfo& info, size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsString()) throw_argument(info, index, "a string");
  return value.As<Napi::String>().Utf8Value();
}

DirectoryOptions to_directory_options(const Napi::Object& options) {
  DirectoryOptions converted;
  converted.flush = static_cast<FlushPolicy>(uint32_field(options, "flush"));
  converted.flush_interval_ms = int64_field(options, "flushIntervalMs");
  converted.write_mode = static_cast<WriteMode>(uint32_field(options, "writeMode"));
  return converted;
}

LogConfig to_log_config(const Napi::Object& config) {
  LogConfig converted;
  converted.segment_bytes = uint32_field(config, "segmentBytes");
  converted.segment_ms = int64_field(config, "segmentMs");
  converted.retention_bytes = int64_field(config, "retentionBytes");
  converted.retention_ms = int64_field(config, "retentionMs");
  converted.index_interval_bytes = uint32_field(config, "indexIntervalBytes");
  converted.max_message_bytes = uint32_field(config, "maxMessageBytes");
  converted.timestamp_type = static_cast<TimestampType>(uint32_field(config, "timestampType"));
  converted.timestamp_before_max_ms = int64_field(config, "timestampBeforeMaxMs");
  converted.timestamp_after_max_ms = int64_field(config, "timestampAfterMaxMs");
  converted.compression = static_cast<int>(int64_field(config, "compression"));
  converted.compact = bool_field(config, "compact");
  converted.validate = static_cast<ValidateDepth>(uint32_field(config, "validateRecords"));
  return converted;
}

Napi::Value from_int64(Napi::Env env, int64_t value) {
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Object from_recovery(Napi::Env env, const RecoveryReport& report) {
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("wasClean", report.was_clean);
  converted.Set("scannedBytes", static_cast<double>(report.scanned_bytes));
  converted.Set("cutBytes", static_cast<double>(report.cut_bytes));
  converted.Set("cutAtOffset", static_cast<double>(report.cut_at_offset));
  converted.Set("reason", report.reason);
  converted.Set("quarantined", report.quarantined);
  return converted;
}

Napi::Object from_statistics(Napi::Env env, const LogDirectory::Statistics& statistics) {
  constexpr double kNanosecondsPerSecond = 1e9;
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("appendedBytes", static_cast<double>(statistics.appended_bytes));
  converted.Set("appendedBatches", static_cast<double>(statistics.appended_batches));
  converted.Set("appendedRecords", static_cast<double>(statistics.appended_records));
  converted.Set("flushes", static_cast<double>(statistics.flushes));
  converted.Set("flushedBytes", static_cast<double>(statistics.flushed_bytes));
  converted.Set("flushSecondsTotal",
                static_cast<double>(statistics.flush_ns_total) / kNanosecondsPerSecond);
  converted.Set("flushSecondsMax",
                static_cast<double>(statistics.flush_ns_max) / kNanosecondsPerSecond);
  converted.Set("unwrittenBytes", static_cast<double>(statistics.unwritten_bytes));
  converted.Set("openPartitions", static_cast<double>(statistics.open_partitions));
  converted.Set("mappedBytes", static_cast<double>(statistics.mapped_bytes));
  return converted;
}

Napi::Object from_timestamp_offset(Napi::Env env, const TimestampOffset& found) {
  Napi::Object converted = Napi::Object::New(env);
  converted.Set("timestampMs", static_cast<double>(found.timestamp_ms));
  converted.Set("offset", static_cast<double>(found.offset));
  converted.Set("leaderEpoch", found.leader_epoch);
  return converted;
}

Napi::Array from_strings(Napi::Env env, const std::vector<std::string>& strings) {
  Napi::Array converted = Napi::Array::New(env, strings.size());
  for (uint32_t i = 0; i < strings.size(); ++i) converted.Set(i, strings[i]);
  return converted;
}

Napi::ArrayBuffer from_bytes(Napi::Env env, std::vector<uint8_t> bytes) {
  if (bytes.empty()) return Napi::ArrayBuffer::New(env, 0);
  auto owned = std::make_unique<std::vector<uint8_t>>(std::move(bytes));
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
      env, owned->data(), owned->size(),
      [](Napi::BasicEnv, void*, std::vector<uint8_t>* owner) {
        const std::unique_ptr<std::vector<uint8_t>> freed(owner);
      },
      owned.get());
  static_cast<void>(owned.release());
  return buffer;
}

namespace {

std::atomic<uint64_t> view_bytes{0};

// V8 starts a collection for every 64 MiB of external memory that appears, and another one when the
// finalizers put back what was taken out of its count: a tenth of the rate of a sequential read.
// Mapped pages are the page cache's and no heap's, so that they stay out of the count up to here,
// and as long as no view that was let go of may keep a deleted segment on the disk.
constexpr uint64_t kUncountedViewBytes = uint64_t{4} << 30;

// What an ArrayBuffer over a mapping keeps, deleted by its finalizer.
struct MappedView {
  std::shared_ptr<Mapping> mapping;
  size_t size_bytes;
  bool counted;  // by V8
};

void release_view(Napi::BasicEnv env, void*, MappedView* view) {
  const std::unique_ptr<MappedView> released(view);
  view_bytes -= released->size_bytes;
  if (!released->counted) {
    Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(released->size_bytes));
  }
}

}  // namespace

uint64_t mapped_view_bytes() { return view_bytes.load(); }

Napi::ArrayBuffer from_mapping(Napi::Env env, std::shared_ptr<Mapping> mapping, uint8_t* data,
                               size_t size_bytes) {
  const bool counted = view_bytes.fetch_add(size_bytes) >= kUncountedViewBytes ||
                       DeletedFiles::instance().any_held();
  // Before V8 adds it, so that its limit is not met in between.
  if (!counted) {
    Napi::MemoryManagement::AdjustExternalMemory(env, -static_cast<int64_t>(size_bytes));
  }
  auto view = std::make_unique<MappedView>(MappedView{std::move(mapping), size_bytes, counted});
  Napi::ArrayBuffer buffer =
      Napi::ArrayBuffer::New(env, data, size_bytes, release_view, view.get());
  static_cast<void>(view.release());  // the finalizer's
  return buffer;
}

}  // namespace millrace::binding
