// The file layer that the log stands on: files, mappings and directories, and nothing of the log.
// posix_file_system.h is the real one; simulated_file_system.h keeps pages in memory, knows which
// of them are synced, and loses or tears the others in a crash drawn from a seed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bytes.h"
#include "status.h"

namespace millrace {

// A shared mapping of a part of a file. Unmapped on destruction; whoever hands out pointers into it
// shares its ownership.
class Mapping {
 public:
  virtual ~Mapping() = default;
  virtual uint8_t* data() const = 0;
  virtual size_t size_bytes() const = 0;
  // True once an access faulted (EIO, a truncated file): the bytes read are not the file's. Checked
  // after each copy or CRC, before anything is published or acknowledged.
  virtual bool failed() const = 0;
  // Whether [offset, offset + length) is in memory now. A hint: it may be evicted right after.
  virtual bool resident(size_t offset, size_t length) const = 0;
  // Reads the range into memory; blocks, so it runs off the event loop.
  virtual Status populate(size_t offset, size_t length) = 0;
};

enum class MapAccess { kRead, kReadWrite };

class File {
 public:
  virtual ~File() = default;  // closes
  virtual const std::string& path() const = 0;
  virtual Result<uint64_t> size() const = 0;
  // Reads until `target` is full or the file ends; returns the bytes read. Retries EINTR.
  virtual Result<size_t> read_at(MutableBytes target, uint64_t offset) const = 0;
  // Writes everything or fails.
  virtual Status write_at(std::span<const ByteView> chunks, uint64_t offset) = 0;
  // Reserves disk blocks for the range and extends the file over it; reads as zeros. Never sparse.
  // kNoSpace changes nothing.
  virtual Status allocate(uint64_t offset, uint64_t length_bytes) = 0;
  // Writes zeros so that a later fdatasync need not convert unwritten extents, and leaves them in
  // the page cache. At most 1 MiB is written before it is written back. The range must be allocated
  // and must not be reachable by any append.
  virtual Status write_zeros(uint64_t offset, uint64_t length_bytes) = 0;
  virtual Status sync_data() = 0;  // fdatasync: covers stores through mappings too
  // Starts write-back of the range without waiting; a hint, never durability.
  virtual Status start_writeback(uint64_t offset, uint64_t length_bytes) = 0;
  // Forgets what of the file is in memory and clean: the next read asks the disk. After a
  // write-back that failed the kernel keeps such pages, and the disk does not have them. Best
  // effort.
  virtual void drop_cache() = 0;
  virtual Status truncate(uint64_t size_bytes) = 0;
  // The range may reach past the end of the file; it must not be touched there.
  virtual Result<std::shared_ptr<Mapping>> map(uint64_t offset, uint64_t length_bytes,
                                               MapAccess access) = 0;
};

enum class OpenMode { kReadOnly, kReadWrite, kCreate /* fails when it exists */, kCreateOrOpen };

struct FileSystemTraits {
  bool mapped_writes_safe = true;  // false on btrfs, ZFS and the like (copy-on-write)
  std::string name;                // "ext4", "xfs", "tmpfs", "simulated"
};

// A held lock on a directory; released on destruction.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status make_directories(const std::string& path) = 0;
  virtual Status remove_directory(const std::string& path) = 0;                // must be empty
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;  // names, sorted
  virtual bool exists(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  // syncfs on the file system that holds `path`.
  virtual Status sync_all(const std::string& path) = 0;
  virtual Result<uint64_t> free_bytes(const std::string& path) = 0;
  virtual FileSystemTraits traits(const std::string& path) = 0;
  // flock on `<directory>/.lock`; kLocked when another process (or another call) holds it.
  virtual Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& directory) = 0;
};

}  // namespace millrace
