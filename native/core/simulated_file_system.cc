#include "simulated_file_system.h"

#include <algorithm>
#include <cerrno>

#include "simulated_state.h"

namespace millrace {
namespace {

using State = SimulatedFileSystem::State;
using Operation = SimulatedOperation;

Status failure_of(Code code, const std::string& path) {
  const int errno_value = code == Code::kNoSpace ? ENOSPC : EIO;
  return Status(code, path + ": simulated failure", errno_value);
}

class SimulatedLock final : public DirectoryLock {
 public:
  SimulatedLock(std::shared_ptr<State> state, std::string directory)
      : state_(std::move(state)),
        directory_(std::move(directory)),
        generation_(state_->generation) {}
  ~SimulatedLock() override {
    const std::lock_guard lock(state_->mutex);
    if (state_->generation == generation_) state_->locked.erase(directory_);
  }

 private:
  const std::shared_ptr<State> state_;
  const std::string directory_;
  const uint64_t generation_;
};

}  // namespace

Status State::begin(SimulatedOperation operation, const std::string& path) {
  ++counters.calls[static_cast<size_t>(operation)];
  for (auto failure = failures.begin(); failure != failures.end(); ++failure) {
    const bool meant =
        failure->operation == operation && path.find(failure->path_part) != std::string::npos;
    if (!meant || --failure->nth > 0) continue;
    const Code code = failure->code;
    failures.erase(failure);
    ++counters.failures;
    return failure_of(code, path);
  }
  if (fail_one_in == 0 || failure_random() % fail_one_in != 0) return Status::ok();
  ++counters.failures;
  const bool no_space = operation == Operation::kAllocate && failure_random() % 2 == 0;
  return failure_of(no_space ? Code::kNoSpace : Code::kIoError, path);
}

uint64_t State::free_bytes() const {
  uint64_t used = 0;
  directories.for_each_file([&](const SimulatedInode& inode) { used += inode.live_size(); });
  return capacity_bytes - std::min(used, capacity_bytes);
}

SimulatedFileSystem::SimulatedFileSystem() : state_(std::make_shared<State>()) {}
SimulatedFileSystem::~SimulatedFileSystem() = default;

void SimulatedFileSystem::fail(const SimulatedFailure& failure) {
  const std::lock_guard lock(state_->mutex);
  state_->failures.push_back(failure);
}

void SimulatedFileSystem::fail_randomly(uint64_t seed, uint64_t one_in) {
  const std::lock_guard lock(state_->mutex);
  state_->failure_random.seed(seed);
  state_->fail_one_in = one_in;
}

void SimulatedFileSystem::clear_failures() {
  const std::lock_guard lock(state_->mutex);
  state_->failures.clear();
  state_->fail_one_in = 0;
}

void SimulatedFileSystem::set_capacity(uint64_t capacity_bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->capacity_bytes = capacity_bytes;
}

void SimulatedFileSystem::fault_mappings(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  const auto entry = state_->directories.find(path);
  if (entry && entry->file) entry->file->faulted()->store(true, std::memory_order_release);
}

Status SimulatedFileSystem::crash(uint64_t seed) {
  const std::lock_guard lock(state_->mutex);
  SimulationRandom random(seed);
  state_->failures.clear();
  state_->fail_one_in = 0;
  state_->locked.clear();
  ++state_->generation;
  ++state_->counters.crashes;
  return state_->directories.crash(random);
}

SimulatedCounters SimulatedFileSystem::counters() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counters;
}

Result<std::unique_ptr<File>> SimulatedFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kOpen, path);
  if (!status.is_ok()) return status;
  const auto entry = state_->directories.find(path);
  if (entry && (mode == OpenMode::kCreate || entry->directory)) {
    return Status(Code::kExists, path + " exists", EEXIST);
  }
  if (entry) return make_simulated_file(state_, entry->file, path);
  if (mode == OpenMode::kReadOnly || mode == OpenMode::kReadWrite) {
    return Status(Code::kNotFound, path + ": no such file", ENOENT);
  }
  auto inode = SimulatedInode::create({});
  if (!inode.is_ok()) return inode.take_status();
  status = state_->directories.add(path, {inode.value(), nullptr});
  if (!status.is_ok()) return status;
  return make_simulated_file(state_, inode.take(), path);
}

Status SimulatedFileSystem::remove(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  const Status status = state_->begin(Operation::kRemove, path);
  return status.is_ok() ? state_->directories.remove(path) : status;
}

Status SimulatedFileSystem::remove_directory(const std::string& path) { return remove(path); }

Status SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(state_->mutex);
  const Status status = state_->begin(Operation::kRename, from);
  return status.is_ok() ? state_->directories.rename(from, to) : status;
}

Status SimulatedFileSystem::make_directories(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kMakeDirectories, path);
  for (size_t end = 0; status.is_ok() && end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const std::string part = path.substr(0, end);
    const auto entry = state_->directories.find(part);
    if (entry && entry->directory) continue;
    status = state_->directories.add(part, {nullptr, std::make_shared<SimulatedDirectory>()});
  }
  return status;
}

Result<std::vector<std::string>> SimulatedFileSystem::list(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  auto directory = state_->directories.directory(path);
  if (!directory.is_ok()) return directory.take_status();
  std::vector<std::string> names;
  for (const auto& [name, entry] : directory.value()->live) names.push_back(name);
  return names;
}

bool SimulatedFileSystem::exists(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  return state_->directories.find(path).has_value();
}

Status SimulatedFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  const Status status = state_->begin(Operation::kSyncDirectory, path);
  return status.is_ok() ? state_->directories.sync(path) : status;
}

Status SimulatedFileSystem::sync_all(const std::string& path) {
  const std::lock_guard lock(state_->mutex);
  const Status status = state_->begin(Operation::kSyncAll, path);
  if (status.is_ok()) {
    state_->directories.sync_everything();
  } else {
    state_->directories.for_each_file([](SimulatedInode& inode) { inode.fail_sync(); });
  }
  return status;
}

Result<uint64_t> SimulatedFileSystem::free_bytes(const std::string&) {
  const std::lock_guard lock(state_->mutex);
  return state_->free_bytes();
}

FileSystemTraits SimulatedFileSystem::traits(const std::string&) { return {true, "simulated"}; }

Result<std::unique_ptr<DirectoryLock>> SimulatedFileSystem::lock_directory(
    const std::string& directory) {
  const std::lock_guard lock(state_->mutex);
  auto found = state_->directories.directory(directory);
  if (!found.is_ok()) return found.take_status();
  if (!state_->locked.insert(directory).second) {
    return Status(Code::kLocked, directory + " is in use by another broker", EWOULDBLOCK);
  }
  return std::unique_ptr<DirectoryLock>(std::make_unique<SimulatedLock>(state_, directory));
}

}  // namespace millrace
