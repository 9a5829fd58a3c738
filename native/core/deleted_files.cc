#include "deleted_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <thread>

#include "posix_error.h"

namespace millrace {
namespace {

// Below this a file's pages are freed faster than another thread is woken.
constexpr int64_t kFreedAtOnceMax = 16 << 20;
constexpr int64_t kBlockBytes = 512;  // stat(2)'s

}  // namespace

class FileUse {
 public:
  FileUse(DeletedFiles& files, DeletedFiles::Inode inode) : files_(files), inode_(inode) {}
  ~FileUse() { files_.end_use(inode_); }
  FileUse(const FileUse&) = delete;
  FileUse& operator=(const FileUse&) = delete;

 private:
  DeletedFiles& files_;
  const DeletedFiles::Inode inode_;
};

// Never destroyed: mappings that JavaScript holds end after static objects do.
DeletedFiles& DeletedFiles::instance() {
  struct Owner : DeletedFiles {};
  static DeletedFiles& files = *std::make_unique<Owner>().release();
  return files;
}

DeletedFiles::DeletedFiles() {
  std::thread([this] { free_loop(); }).detach();
}

std::shared_ptr<const FileUse> DeletedFiles::use(int fd) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return nullptr;
  const Inode inode(status.st_dev, status.st_ino);
  {
    const std::lock_guard lock(mutex_);
    ++used_[inode].uses;
  }
  return std::make_shared<const FileUse>(*this, inode);
}

void DeletedFiles::end_use(const Inode& inode) {
  const std::lock_guard lock(mutex_);
  const auto found = used_.find(inode);
  if (--found->second.uses > 0) return;
  if (found->second.deleted.valid()) {
    --held_;
    unused_.push_back(std::move(found->second.deleted));
    wanted_.notify_one();
  }
  used_.erase(found);
}

// Without a descriptor of our own, at the limit of them, the space is freed by whoever is last.
Status DeletedFiles::remove(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status = {};
  const bool known = fd.valid() && ::fstat(fd.get(), &status) == 0;
  if (::unlink(path.c_str()) != 0) return posix_status("remove", path, errno);
  if (!known) return Status::ok();
  const std::lock_guard lock(mutex_);
  const auto found = used_.find(Inode(status.st_dev, status.st_ino));
  if (found != used_.end()) {
    if (!found->second.deleted.valid()) ++held_;
    found->second.deleted = std::move(fd);
  } else if (status.st_blocks * kBlockBytes > kFreedAtOnceMax) {
    unused_.push_back(std::move(fd));
    wanted_.notify_one();
  }
  return Status::ok();
}

void DeletedFiles::free_loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return !unused_.empty(); });
    std::vector<UniqueFd> closing = std::move(unused_);
    unused_.clear();
    lock.unlock();
    closing.clear();
    lock.lock();
  }
}

}  // namespace millrace
