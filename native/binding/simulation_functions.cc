// The simulated file layer, in the test build of the addon only: crash tests run the log over it
// and cut the power.
#include <mutex>
#include <unordered_map>

#include "convert.h"
#include "functions.h"
#include "simulated_file_system.h"

namespace millrace::binding {

namespace {

// Of the whole process, like the directories over them; never destroyed, as those may outlive a
// test.
struct Simulations {
  std::mutex mutex;
  std::unordered_map<uint32_t, std::shared_ptr<SimulatedFileSystem>> disks;
  uint32_t next = 1;
};

Simulations& simulations() {
  static Simulations& instance = *std::make_unique<Simulations>().release();
  return instance;
}

SimulatedFileSystem& disk_argument(const Napi::CallbackInfo& info) {
  const std::scoped_lock lock(simulations().mutex);
  const auto found = simulations().disks.find(uint32_argument(info, 0));
  if (found == simulations().disks.end()) {
    throw Napi::Error::New(info.Env(), "no such simulated disk");
  }
  return *found->second;
}

std::shared_ptr<LogDirectory> directory_argument(const Napi::CallbackInfo& info) {
  auto directory = Registry::instance().directory(uint32_argument(info, 0));
  if (!directory) throw Napi::Error::New(info.Env(), "no such directory");
  return directory;
}

uint64_t uint64_argument(const Napi::CallbackInfo& info, size_t index) {
  return static_cast<uint64_t>(int64_argument(info, index));
}

// createDisk(): disk, empty
Napi::Value create_disk(const Napi::CallbackInfo& info) {
  const std::scoped_lock lock(simulations().mutex);
  const uint32_t disk = simulations().next++;
  simulations().disks[disk] = std::make_shared<SimulatedFileSystem>();
  return Napi::Number::New(info.Env(), disk);
}

// openSimulatedDirectory(disk, path, options, startThread): directory. Without the flusher's thread
// the test drives flushStep().
Napi::Value open_simulated_directory(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info, 1);
  DirectoryOptions options = to_directory_options(info[2].As<Napi::Object>());
  options.start_thread = info[3].ToBoolean();
  auto opened = Registry::instance().open_directory(disk_argument(info), path, options);
  if (!opened.is_ok()) throw to_error(info.Env(), opened.status(), path);
  return Napi::Number::New(info.Env(), opened.value());
}

// flushStep(directory): number of partitions that advanced
Napi::Value flush_step(const Napi::CallbackInfo& info) {
  const auto directory = directory_argument(info);
  const auto advanced = directory->flush_step();
  if (!advanced.is_ok()) throw to_error(info.Env(), advanced.status(), directory->path());
  return Napi::Number::New(info.Env(), advanced.value());
}

// abandonDirectory(directory): as a crash of the process leaves it
Napi::Value abandon_directory(const Napi::CallbackInfo& info) {
  Registry::instance().abandon_directory(uint32_argument(info, 0));
  return info.Env().Undefined();
}

// crash(disk, seed): power cut; abandon what is open on it first
Napi::Value crash(const Napi::CallbackInfo& info) {
  const Status status = disk_argument(info).crash(uint64_argument(info, 1));
  if (!status.is_ok()) throw to_error(info.Env(), status, {});
  return info.Env().Undefined();
}

// failOperation(disk, operation, nth, code, pathPart): numbers of SimulatedOperation and Code
Napi::Value fail_operation(const Napi::CallbackInfo& info) {
  const uint32_t operation = uint32_argument(info, 1);
  if (operation >= kSimulatedOperations) {
    throw Napi::TypeError::New(info.Env(), "no such simulated operation");
  }
  disk_argument(info).fail({.operation = static_cast<SimulatedOperation>(operation),
                            .nth = uint64_argument(info, 2),
                            .code = static_cast<Code>(int32_argument(info, 3)),
                            .path_part = string_argument(info, 4)});
  return info.Env().Undefined();
}

// failRandomly(disk, seed, oneIn); 0 stops it
Napi::Value fail_randomly(const Napi::CallbackInfo& info) {
  disk_argument(info).fail_randomly(uint64_argument(info, 1), uint64_argument(info, 2));
  return info.Env().Undefined();
}

// clearFailures(disk)
Napi::Value clear_failures(const Napi::CallbackInfo& info) {
  disk_argument(info).clear_failures();
  return info.Env().Undefined();
}

// setCapacity(disk, bytes)
Napi::Value set_capacity(const Napi::CallbackInfo& info) {
  disk_argument(info).set_capacity(uint64_argument(info, 1));
  return info.Env().Undefined();
}

// faultMappings(disk, path): accesses through mappings of the file fail from now on
Napi::Value fault_mappings(const Napi::CallbackInfo& info) {
  disk_argument(info).fault_mappings(string_argument(info, 1));
  return info.Env().Undefined();
}

// diskCounters(disk): { calls: number[], failures, pagesSynced, crashes }
Napi::Value disk_counters(const Napi::CallbackInfo& info) {
  const SimulatedCounters counters = disk_argument(info).counters();
  Napi::Array calls = Napi::Array::New(info.Env(), counters.calls.size());
  for (uint32_t i = 0; i < counters.calls.size(); ++i) {
    calls.Set(i, static_cast<double>(counters.calls[i]));
  }
  Napi::Object converted = Napi::Object::New(info.Env());
  converted.Set("calls", calls);
  converted.Set("failures", static_cast<double>(counters.failures));
  converted.Set("pagesSynced", static_cast<double>(counters.pages_synced));
  converted.Set("crashes", static_cast<double>(counters.crashes));
  return converted;
}

}  // namespace

void export_simulation_functions(Napi::Object exports, Environment& environment) {
  export_verb<create_disk>(exports, "createDisk", environment);
  export_verb<open_simulated_directory>(exports, "openSimulatedDirectory", environment);
  export_verb<flush_step>(exports, "flushStep", environment);
  export_verb<abandon_directory>(exports, "abandonDirectory", environment);
  export_verb<crash>(exports, "crash", environment);
  export_verb<fail_operation>(exports, "failOperation", environment);
  export_verb<fail_randomly>(exports, "failRandomly", environment);
  export_verb<clear_failures>(exports, "clearFailures", environment);
  export_verb<set_capacity>(exports, "setCapacity", environment);
  export_verb<fault_mappings>(exports, "faultMappings", environment);
  export_verb<disk_counters>(exports, "diskCounters", environment);
}

}  // namespace millrace::binding
