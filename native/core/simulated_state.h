// What the simulated file system shares with its files; nobody else includes it. Test builds only.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulated_directories.h"
#include "simulated_file_system.h"

namespace millrace {

struct SimulatedFileSystem::State {
  std::mutex mutex;  // guards all below
  SimulatedDirectories directories;
  SimulatedCounters counters;
  std::vector<SimulatedFailure> failures;
  SimulationRandom failure_random;
  uint64_t fail_one_in = 0;
  uint64_t capacity_bytes = UINT64_MAX;
  std::set<std::string> locked;
  uint64_t generation = 0;  // crashes so far: a lock from before one is not today's

  // Counts the call and says how it fails, if it is to.
  Status begin(SimulatedOperation operation, const std::string& path);
  uint64_t free_bytes() const;
};

std::unique_ptr<File> make_simulated_file(std::shared_ptr<SimulatedFileSystem::State> state,
                                          std::shared_ptr<SimulatedInode> inode, std::string path);

}  // namespace millrace
