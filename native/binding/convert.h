// Between JavaScript's values and the log's. JavaScript has validated; what is still wrong here is
// a programming mistake and throws a TypeError.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "errors.h"
#include "log_directory.h"
#include "partition_log.h"
#include "status.h"

namespace millrace::binding {

// Saturating: JavaScript says Infinity or 2^63 for "no limit".
int64_t to_int64(double value);
int64_t int64_argument(const Napi::CallbackInfo& info, size_t index);
uint32_t uint32_argument(const Napi::CallbackInfo& info, size_t index);
int32_t int32_argument(const Napi::CallbackInfo& info, size_t index);
std::string string_argument(const Napi::CallbackInfo& info, size_t index);

DirectoryOptions to_directory_options(const Napi::Object& options);
LogConfig to_log_config(const Napi::Object& config);

Napi::Value from_int64(Napi::Env env, int64_t value);
Napi::Object from_recovery(Napi::Env env, const RecoveryReport& report);
Napi::Object from_statistics(Napi::Env env, const LogDirectory::Statistics& statistics);
Napi::Object from_timestamp_offset(Napi::Env env, const TimestampOffset& found);
Napi::Array from_strings(Napi::Env env, const std::vector<std::string>& strings);
// An ArrayBuffer that owns the bytes.
Napi::ArrayBuffer from_bytes(Napi::Env env, std::vector<uint8_t> bytes);
// An ArrayBuffer over [data, data + size) of the mapping, which stays mapped as long as it.
// Making one costs far more than a view of it: windows are worth caching.
Napi::ArrayBuffer from_mapping(Napi::Env env, std::shared_ptr<Mapping> mapping, uint8_t* data,
                               size_t size_bytes);
// Bytes of mappings that ArrayBuffers of all threads hold now.
uint64_t mapped_view_bytes();

}  // namespace millrace::binding
