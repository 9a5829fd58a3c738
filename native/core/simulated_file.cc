#include <algorithm>
#include <mutex>

#include "simulated_state.h"

namespace millrace {
namespace {

using State = SimulatedFileSystem::State;
using Operation = SimulatedOperation;

class SimulatedMapping final : public Mapping {
 public:
  SimulatedMapping(std::shared_ptr<SimulatedInode> inode, std::shared_ptr<Mapping> live)
      : inode_(std::move(inode)), faulted_(inode_->faulted()), live_(std::move(live)) {}
  uint8_t* data() const override { return live_->data(); }
  size_t size_bytes() const override { return live_->size_bytes(); }
  bool failed() const override {
    return faulted_->load(std::memory_order_acquire) || live_->failed();
  }
  bool resident(size_t, size_t) const override { return true; }
  Status populate(size_t, size_t) override {
    return failed() ? Status(Code::kIoError, "simulated fault in a mapping", EIO) : Status::ok();
  }

 private:
  const std::shared_ptr<SimulatedInode> inode_;
  const std::shared_ptr<std::atomic<bool>> faulted_;
  const std::shared_ptr<Mapping> live_;
};

class SimulatedFile final : public File {
 public:
  SimulatedFile(std::shared_ptr<State> state, std::shared_ptr<SimulatedInode> inode,
                std::string path)
      : state_(std::move(state)), inode_(std::move(inode)), path_(std::move(path)) {}

  const std::string& path() const override { return path_; }
  Result<uint64_t> size() const override { return inode_->live().size(); }
  Result<size_t> read_at(MutableBytes target, uint64_t offset) const override;
  Status write_at(std::span<const ByteView> chunks, uint64_t offset) override;
  Status allocate(uint64_t offset, uint64_t length_bytes) override;
  Status write_zeros(uint64_t offset, uint64_t length_bytes) override;
  Status sync_data() override;
  Status start_writeback(uint64_t offset, uint64_t length_bytes) override;
  void drop_cache() override;
  Status truncate(uint64_t size_bytes) override;
  Result<std::shared_ptr<Mapping>> map(uint64_t offset, uint64_t length_bytes,
                                       MapAccess access) override;

 private:
  Status make_room(uint64_t end);

  const std::shared_ptr<State> state_;
  const std::shared_ptr<SimulatedInode> inode_;
  const std::string path_;
};

// With the lock held.
Status SimulatedFile::make_room(uint64_t end) {
  const uint64_t size = inode_->live_size();
  if (end <= size || end - size <= state_->free_bytes()) return Status::ok();
  return Status(Code::kNoSpace, path_ + ": the simulated disk is full", ENOSPC);
}

Result<size_t> SimulatedFile::read_at(MutableBytes target, uint64_t offset) const {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kRead, path_);
  if (!status.is_ok()) return status;
  return inode_->live().read_at(target, offset);
}

Status SimulatedFile::write_at(std::span<const ByteView> chunks, uint64_t offset) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kWrite, path_);
  if (status.is_ok()) status = make_room(offset + ChunkList(chunks).size_bytes());
  return status.is_ok() ? inode_->live().write_at(chunks, offset) : status;
}

Status SimulatedFile::allocate(uint64_t offset, uint64_t length_bytes) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kAllocate, path_);
  const uint64_t end = offset + length_bytes;
  if (status.is_ok()) status = make_room(end);
  if (!status.is_ok() || end <= inode_->live_size()) return status;
  return inode_->live().truncate(end);
}

Status SimulatedFile::write_zeros(uint64_t offset, uint64_t length_bytes) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kWriteZeros, path_);
  if (status.is_ok()) status = make_room(offset + length_bytes);
  if (!status.is_ok()) return status;
  const std::vector<uint8_t> zeros(length_bytes);
  const ByteView bytes(zeros);
  return inode_->live().write_at({&bytes, 1}, offset);
}

Status SimulatedFile::sync_data() {
  const std::lock_guard lock(state_->mutex);
  const Status status = state_->begin(Operation::kSyncData, path_);
  if (status.is_ok()) {
    state_->counters.pages_synced += inode_->sync();
  } else {
    inode_->fail_sync();
  }
  return status;
}

Status SimulatedFile::start_writeback(uint64_t, uint64_t) {
  const std::lock_guard lock(state_->mutex);
  return state_->begin(Operation::kStartWriteback, path_);
}

void SimulatedFile::drop_cache() {
  const std::lock_guard lock(state_->mutex);
  inode_->drop_clean_pages();
}

Status SimulatedFile::truncate(uint64_t size_bytes) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kTruncate, path_);
  return status.is_ok() ? inode_->live().truncate(size_bytes) : status;
}

Result<std::shared_ptr<Mapping>> SimulatedFile::map(uint64_t offset, uint64_t length_bytes,
                                                    MapAccess access) {
  const std::lock_guard lock(state_->mutex);
  Status status = state_->begin(Operation::kMap, path_);
  if (!status.is_ok()) return status;
  auto live = inode_->live().map(offset, length_bytes, access);
  if (!live.is_ok()) return live.take_status();
  return std::shared_ptr<Mapping>(std::make_shared<SimulatedMapping>(inode_, live.take()));
}

}  // namespace

std::unique_ptr<File> make_simulated_file(std::shared_ptr<State> state,
                                          std::shared_ptr<SimulatedInode> inode, std::string path) {
  return std::make_unique<SimulatedFile>(std::move(state), std::move(inode), std::move(path));
}

}  // namespace millrace
