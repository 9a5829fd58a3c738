#include "posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>

#include "deleted_files.h"
#include "posix_error.h"
#include "posix_file.h"
#include "unique_fd.h"

namespace millrace {
namespace {

struct KnownFileSystem {
  uint32_t magic;
  const char* name;
  bool mapped_writes_safe;
};

// Safe: a store into an allocated page needs no new space. Magic numbers: linux/magic.h, and the
// sources of XFS, ZFS and bcachefs. What is not listed counts as unsafe.
constexpr KnownFileSystem kKnownFileSystems[] = {
    {0x0000EF53, "ext4", true},  {0x58465342, "xfs", true},       {0x01021994, "tmpfs", true},
    {0x858458F6, "ramfs", true}, {0x794C7630, "overlayfs", true}, {0x9123683E, "btrfs", false},
    {0x2FC12FC1, "zfs", false},  {0xCA451A4E, "bcachefs", false}, {0xF2F52010, "f2fs", false},
    {0x00006969, "nfs", false},  {0xFF534D42, "cifs", false},     {0xFE534D42, "smb2", false},
    {0x65735546, "fuse", false}, {0x01021997, "9p", false},
};

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::kReadOnly:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::kCreateOrOpen:
      return O_RDWR | O_CREAT;
  }
  return O_RDONLY;
}

UniqueFd open_fd(const std::string& path, int flags) {
  return UniqueFd(retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); }));
}

class PosixDirectoryLock final : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(UniqueFd fd) : fd_(std::move(fd)) {}

 private:
  const UniqueFd fd_;  // closing it releases the flock
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    UniqueFd fd = open_fd(path, open_flags(mode));
    if (!fd.valid()) return posix_status("open", path, errno);
    return make_posix_file(std::move(fd), path);
  }

  Status remove(const std::string& path) override { return DeletedFiles::instance().remove(path); }

  Status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) == 0) return Status::ok();
    return posix_status("rename", from + " to " + to, errno);
  }

  Status make_directories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    return error ? posix_status("create directory", path, error.value()) : Status::ok();
  }

  Status remove_directory(const std::string& path) override {
    if (::rmdir(path.c_str()) == 0) return Status::ok();
    return posix_status("remove directory", path, errno);
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  Result<std::vector<std::string>> list(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Status sync_all(const std::string& path) override;
  Result<uint64_t> free_bytes(const std::string& path) override;
  FileSystemTraits traits(const std::string& path) override;
  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& directory) override;

 private:
  Result<int> sync_handle(const std::string& path);

  std::mutex mutex_;
  std::map<dev_t, UniqueFd> sync_handles_;
};

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return posix_status("list", path, errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return posix_status("list", path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::sync_directory(const std::string& path) {
  const UniqueFd fd = open_fd(path, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return posix_status("open", path, errno);
  const int result = retry_interrupted([&] { return ::fsync(fd.get()); });
  return result == 0 ? Status::ok() : posix_sync_status("fsync", path, errno);
}

// One descriptor for each file system, kept open: syncfs reports the write-back errors that
// happened since its descriptor was opened, and a fresh one misses those that another syncfs was
// told of.
Result<int> PosixFileSystem::sync_handle(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return posix_status("stat", path, errno);
  const std::lock_guard lock(mutex_);
  const auto found = sync_handles_.find(status.st_dev);
  if (found != sync_handles_.end()) return found->second.get();
  UniqueFd fd = open_fd(path, O_RDONLY);
  if (!fd.valid()) return posix_status("open", path, errno);
  return sync_handles_.emplace(status.st_dev, std::move(fd)).first->second.get();
}

Status PosixFileSystem::sync_all(const std::string& path) {
  Result<int> handle = sync_handle(path);
  if (!handle.is_ok()) return handle.take_status();
  const int result = retry_interrupted([&] { return ::syncfs(handle.value()); });
  return result == 0 ? Status::ok() : posix_sync_status("syncfs", path, errno);
}

Result<uint64_t> PosixFileSystem::free_bytes(const std::string& path) {
  struct statvfs status = {};
  const int result = retry_interrupted([&] { return ::statvfs(path.c_str(), &status); });
  if (result != 0) return posix_status("statvfs", path, errno);
  return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
}

FileSystemTraits PosixFileSystem::traits(const std::string& path) {
  struct statfs status = {};
  const int result = retry_interrupted([&] { return ::statfs(path.c_str(), &status); });
  if (result != 0) return {false, "unknown"};
  const auto magic = static_cast<uint32_t>(status.f_type);
  for (const KnownFileSystem& known : kKnownFileSystems) {
    if (known.magic == magic) return {known.mapped_writes_safe, known.name};
  }
  return {false, "unknown"};
}

Result<std::unique_ptr<DirectoryLock>> PosixFileSystem::lock_directory(
    const std::string& directory) {
  const std::string path = directory + "/.lock";
  UniqueFd fd = open_fd(path, O_RDWR | O_CREAT);
  if (!fd.valid()) return posix_status("open", path, errno);
  const int result = retry_interrupted([&] { return ::flock(fd.get(), LOCK_EX | LOCK_NB); });
  if (result != 0 && errno == EWOULDBLOCK) {
    return Status(Code::kLocked, directory + " is in use by another broker", errno);
  }
  if (result != 0) return posix_status("lock", path, errno);
  Result<int> handle = sync_handle(directory);
  if (!handle.is_ok()) return handle.take_status();
  return std::unique_ptr<DirectoryLock>(std::make_unique<PosixDirectoryLock>(std::move(fd)));
}

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem instance;
  return instance;
}

}  // namespace millrace
