// Data directories: open, open partitions in them, flush, close.
#include "convert.h"
#include "dirty_budget.h"
#include "functions.h"
#include "pool_job.h"
#include "posix_file_system.h"

namespace millrace::binding {

namespace {

std::shared_ptr<LogDirectory> directory_argument(const Napi::CallbackInfo& info) {
  auto directory = Registry::instance().directory(uint32_argument(info, 0));
  if (!directory) {
    throw to_error(info.Env(), Status(Code::kClosed, "the log directory is closed"), {});
  }
  return directory;
}

// openDirectory(path, options): handle
Napi::Value open_directory(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info, 0);
  DirectoryOptions options = to_directory_options(info[1].As<Napi::Object>());
  options.dirty_budget_bytes = kernel_dirty_budget_bytes();
  auto opened = Registry::instance().open_directory(posix_file_system(), path, options);
  if (!opened.is_ok()) throw to_error(info.Env(), opened.status(), path);
  return Napi::Number::New(info.Env(), opened.value());
}

// directoryInfo(directory): { path, wasClean }
Napi::Value directory_info(const Napi::CallbackInfo& info) {
  const auto directory = directory_argument(info);
  Napi::Object described = Napi::Object::New(info.Env());
  described.Set("path", directory->path());
  described.Set("wasClean", directory->was_clean());
  return described;
}

// offlineReason(directory): string, or undefined while the directory is online
Napi::Value offline_reason(const Napi::CallbackInfo& info) {
  const auto directory = Registry::instance().directory(uint32_argument(info, 0));
  if (!directory) return Napi::String::New(info.Env(), "the log directory is closed");
  if (!directory->offline()) return info.Env().Undefined();
  return Napi::String::New(info.Env(), directory->offline_reason().context());
}

// overBudget(directory): boolean
Napi::Value over_budget(const Napi::CallbackInfo& info) {
  const auto directory = Registry::instance().directory(uint32_argument(info, 0));
  return Napi::Boolean::New(info.Env(), directory && directory->over_budget());
}

// partitionNames(directory): string[]
Napi::Value partition_names(const Napi::CallbackInfo& info) {
  return from_strings(info.Env(), directory_argument(info)->partition_names());
}

// openPartition(directory, name, config): handle. Blocks while it recovers.
Napi::Value open_partition(const Napi::CallbackInfo& info) {
  const auto directory = directory_argument(info);
  const std::string name = string_argument(info, 1);
  const LogConfig config = to_log_config(info[2].As<Napi::Object>());
  auto opened = Registry::instance().open_partition(uint32_argument(info, 0), name, config);
  if (!opened.is_ok()) {
    throw to_error(info.Env(), opened.status(), directory->path() + "/" + name);
  }
  return Napi::Number::New(info.Env(), opened.value());
}

// deletePartition(directory, name): Promise<void>
Napi::Value delete_partition(const Napi::CallbackInfo& info) {
  const uint32_t handle = uint32_argument(info, 0);
  const std::string name = string_argument(info, 1);
  std::string path = directory_argument(info)->path() + "/" + name;
  return start_job(info.Env(), std::move(path),
                   [handle, name] { return Registry::instance().delete_partition(handle, name); });
}

// repairPartition(directory, name): Promise<object>, the recovery report
Napi::Value repair_partition(const Napi::CallbackInfo& info) {
  auto directory = directory_argument(info);
  const std::string name = string_argument(info, 1);
  std::string path = directory->path() + "/" + name;
  return PoolJob<RecoveryReport>::start(
      info.Env(), std::move(path),
      [directory = std::move(directory), name] { return directory->repair_partition(name); },
      [](Napi::Env env, RecoveryReport& report) { return from_recovery(env, report); });
}

// flushAll(directory): Promise<void>
Napi::Value flush_all(const Napi::CallbackInfo& info) {
  auto directory = directory_argument(info);
  std::string path = directory->path();
  return start_job(info.Env(), std::move(path),
                   [directory = std::move(directory)] { return directory->flush_all(); });
}

// closeDirectory(directory): Promise<void>
Napi::Value close_directory(const Napi::CallbackInfo& info) {
  const uint32_t handle = uint32_argument(info, 0);
  const auto directory = Registry::instance().directory(handle);
  return start_job(info.Env(), directory ? directory->path() : std::string(),
                   [handle] { return Registry::instance().close_directory(handle); });
}

// statistics(directory): object
Napi::Value statistics(const Napi::CallbackInfo& info) {
  return from_statistics(info.Env(), directory_argument(info)->statistics());
}

}  // namespace

void export_directory_functions(Napi::Object exports, Environment& environment) {
  export_verb<open_directory>(exports, "openDirectory", environment);
  export_verb<directory_info>(exports, "directoryInfo", environment);
  export_verb<offline_reason>(exports, "offlineReason", environment);
  export_verb<over_budget>(exports, "overBudget", environment);
  export_verb<partition_names>(exports, "partitionNames", environment);
  export_verb<open_partition>(exports, "openPartition", environment);
  export_verb<delete_partition>(exports, "deletePartition", environment);
  export_verb<repair_partition>(exports, "repairPartition", environment);
  export_verb<flush_all>(exports, "flushAll", environment);
  export_verb<close_directory>(exports, "closeDirectory", environment);
  export_verb<statistics>(exports, "statistics", environment);
}

}  // namespace millrace::binding
