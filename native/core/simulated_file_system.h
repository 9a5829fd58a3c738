// A file layer in memory that knows what a power cut would leave. It fails where a script or a seed
// says, and crash() turns it into the disk that the next start finds. Test builds only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "file_system.h"

namespace millrace {

// What can be made to fail, and what is counted.
enum class SimulatedOperation : uint8_t {
  kOpen,
  kRead,
  kWrite,
  kAllocate,
  kWriteZeros,
  kSyncData,
  kStartWriteback,
  kTruncate,
  kMap,
  kRemove,
  kRename,
  kMakeDirectories,
  kSyncDirectory,
  kSyncAll,
};
inline constexpr size_t kSimulatedOperations = 14;

struct SimulatedFailure {
  SimulatedOperation operation;
  uint64_t nth = 1;  // 1: the next such call
  Code code = Code::kIoError;
  std::string path_part;  // only calls whose path holds it; empty: all
};

struct SimulatedCounters {
  std::array<uint64_t, kSimulatedOperations> calls = {};
  uint64_t failures = 0;
  uint64_t pages_synced = 0;
  uint64_t crashes = 0;

  uint64_t of(SimulatedOperation operation) const { return calls[static_cast<size_t>(operation)]; }
};

// Safe to share between threads. Files, mappings and locks may outlive a crash: they then belong to
// the world before it.
class SimulatedFileSystem final : public FileSystem {
 public:
  SimulatedFileSystem();
  ~SimulatedFileSystem() override;

  // Fails once; several may be pending.
  void fail(const SimulatedFailure& failure);
  // From now on one call in `one_in` fails, as the seed decides; 0 stops it.
  void fail_randomly(uint64_t seed, uint64_t one_in);
  void clear_failures();
  // The whole disk; what is taken by files counts against it.
  void set_capacity(uint64_t capacity_bytes);
  // As if an access through each mapping of the file, now and later, had raised SIGBUS.
  void fault_mappings(const std::string& path);
  // A power cut: keeps what was synced and, as the seed decides, some of what was not. Pending
  // failures and locks are gone.
  Status crash(uint64_t seed);
  SimulatedCounters counters() const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status make_directories(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_all(const std::string& path) override;
  Result<uint64_t> free_bytes(const std::string& path) override;
  FileSystemTraits traits(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& directory) override;

  struct State;

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace millrace
