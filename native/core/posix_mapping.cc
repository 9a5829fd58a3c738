#include "posix_mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "fault_guard.h"
#include "posix_error.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22  // Linux 5.14; the C library of Debian 11 does not name it
#endif

namespace millrace {
namespace {

size_t page_bytes() {
  static const size_t size = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

size_t round_down_to_page(size_t offset) { return offset & ~(page_bytes() - 1); }

// Owns the address range alone, so that the guard's life lies within it.
class MappedRange {
 public:
  MappedRange(void* address, size_t size_bytes) : address_(address), size_bytes_(size_bytes) {}
  ~MappedRange() { ::munmap(address_, size_bytes_); }
  MappedRange(const MappedRange&) = delete;
  MappedRange& operator=(const MappedRange&) = delete;
  uint8_t* data() const { return static_cast<uint8_t*>(address_); }
  size_t size_bytes() const { return size_bytes_; }

 private:
  void* const address_;
  const size_t size_bytes_;
};

class PosixMapping final : public Mapping {
 public:
  PosixMapping(void* address, size_t size_bytes, const MapSource& source)
      : use_(source.use),
        range_(address, size_bytes),
        guard_(address, size_bytes),
        path_(source.path) {}

  bool guarded() const { return guard_.active(); }
  uint8_t* data() const override { return range_.data(); }
  size_t size_bytes() const override { return range_.size_bytes(); }
  bool failed() const override { return guard_.failed(); }

  bool resident(size_t offset, size_t length) const override {
    std::array<unsigned char, 1024> pages;
    size_t at = round_down_to_page(offset);
    const size_t end = std::min(offset + length, size_bytes());
    while (at < end) {
      const size_t step = std::min(end - at, pages.size() * page_bytes());
      if (::mincore(data() + at, step, pages.data()) != 0) return false;
      const size_t count = (step + page_bytes() - 1) / page_bytes();
      const auto missing = [](unsigned char page) { return (page & 1) == 0; };
      if (std::any_of(pages.begin(), pages.begin() + count, missing)) return false;
      at += step;
    }
    return true;
  }

  Status populate(size_t offset, size_t length) override {
    const size_t begin = round_down_to_page(offset);
    const size_t end = std::min(offset + length, size_bytes());
    if (begin >= end) return Status::ok();
    const int result = retry_interrupted(
        [&] { return ::madvise(data() + begin, end - begin, MADV_POPULATE_READ); });
    if (result == 0) return Status::ok();
    // EFAULT: a touch would have raised SIGBUS.
    if (errno == EFAULT || errno == EHWPOISON) return posix_sync_status("read", path_, EIO);
    if (errno != EINVAL) return posix_status("read", path_, errno);
    return touch(begin, end);
  }

 private:
  Status touch(size_t begin, size_t end) {
    for (size_t at = begin; at < end; at += page_bytes()) {
      static_cast<void>(*static_cast<const volatile uint8_t*>(data() + at));
    }
    return failed() ? posix_sync_status("read", path_, EIO) : Status::ok();
  }

  const std::shared_ptr<const FileUse> use_;  // ends when the range is unmapped
  const MappedRange range_;
  const FaultGuard guard_;
  const std::string path_;
};

}  // namespace

Result<std::shared_ptr<Mapping>> map_posix_file(const MapSource& source, MapRange range,
                                                MapAccess access) {
  const std::string& path = source.path;
  const int protection = access == MapAccess::kRead ? PROT_READ : PROT_READ | PROT_WRITE;
  void* const address = ::mmap(nullptr, range.length_bytes, protection, MAP_SHARED, source.fd,
                               static_cast<off_t>(range.offset));
  if (address == MAP_FAILED) {
    // ENOMEM here is the limit of mappings or of address space, not of memory.
    if (errno == ENOMEM) return posix_status("map", path, EMFILE);
    return posix_status("map", path, errno);
  }
  auto mapping = std::make_shared<PosixMapping>(address, range.length_bytes, source);
  if (!mapping->guarded())
    return Status(Code::kTooManyFiles, "map " + path + ": too many mappings");
  return std::shared_ptr<Mapping>(std::move(mapping));
}

}  // namespace millrace
