// The contents of one simulated file twice over: what every process sees, and what the disk holds.
// Test builds only.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "file_system.h"

namespace millrace {

using SimulationRandom = std::mt19937_64;

// Not thread-safe but for stores through mappings, which race with a sync as they do on a real
// disk.
class SimulatedInode {
 public:
  static constexpr size_t kPageBytes = 4096;
  static constexpr size_t kSectorBytes = 512;

  explicit SimulatedInode(std::unique_ptr<File> live) : live_(std::move(live)) {}

  // An anonymous file of the kernel holds the live contents, so that mappings share it and a touch
  // past its end faults as on a real file.
  static Result<std::shared_ptr<SimulatedInode>> create(std::vector<uint8_t> contents);

  File& live() { return *live_; }
  uint64_t live_size() const;

  // fdatasync: the disk now holds what the live file does. Returns the pages written.
  uint64_t sync();
  // fdatasync that failed. As on Linux the dirty pages count as clean from now on: a later sync
  // succeeds without writing them, unless they change again.
  void fail_sync();
  // What a failed sync left in memory alone is gone: the live file is again as the disk has it.
  void drop_clean_pages();
  // What is found after a power cut: everything synced, and of the pages that are not a random
  // choice, some of them torn between sectors; the old size or the new.
  std::vector<uint8_t> contents_after_crash(SimulationRandom& random) const;

  // Shared with the file's mappings: set when an access of theirs is to have faulted.
  const std::shared_ptr<std::atomic<bool>>& faulted() const { return faulted_; }

 private:
  std::vector<uint8_t> live_contents() const;
  bool is_dirty(const std::vector<uint8_t>& live, uint64_t page) const;

  std::unique_ptr<File> live_;
  std::vector<uint8_t> durable_;
  std::map<uint64_t, std::vector<uint8_t>> lost_pages_;
  std::shared_ptr<std::atomic<bool>> faulted_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace millrace
