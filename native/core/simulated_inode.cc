#include "simulated_inode.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "posix_error.h"
#include "posix_file.h"
#include "unique_fd.h"

namespace millrace {
namespace {

constexpr size_t kPage = SimulatedInode::kPageBytes;

// The bytes of a page, fewer at the end of the file, none past it.
ByteView page_of(const std::vector<uint8_t>& bytes, uint64_t page) {
  const size_t begin = std::min(page * kPage, bytes.size());
  return ByteView(bytes).subspan(begin, std::min(kPage, bytes.size() - begin));
}

uint64_t page_count(const std::vector<uint8_t>& bytes) {
  return (bytes.size() + kPage - 1) / kPage;
}

void copy_part(const std::vector<uint8_t>& from, std::vector<uint8_t>& to, size_t begin,
               size_t length) {
  const size_t end = std::min({begin + length, from.size(), to.size()});
  if (begin < end) std::copy(from.begin() + begin, from.begin() + end, to.begin() + begin);
}

}  // namespace

Result<std::shared_ptr<SimulatedInode>> SimulatedInode::create(std::vector<uint8_t> contents) {
  UniqueFd fd(::memfd_create("simulated", MFD_CLOEXEC));
  if (!fd.valid()) return posix_status("create", "simulated file", errno);
  auto inode = std::make_shared<SimulatedInode>(make_posix_file(std::move(fd), "simulated file"));
  const ByteView bytes(contents);
  Status written = inode->live_->write_at({&bytes, 1}, 0);
  if (!written.is_ok()) return written;
  inode->durable_ = std::move(contents);
  return inode;
}

uint64_t SimulatedInode::live_size() const { return live_->size().value(); }

std::vector<uint8_t> SimulatedInode::live_contents() const {
  std::vector<uint8_t> contents(live_size());
  const Result<size_t> count = live_->read_at(contents, 0);
  contents.resize(count.is_ok() ? count.value() : 0);
  return contents;
}

bool SimulatedInode::is_dirty(const std::vector<uint8_t>& live, uint64_t page) const {
  const ByteView now = page_of(live, page);
  if (std::ranges::equal(now, page_of(durable_, page))) return false;
  const auto lost = lost_pages_.find(page);
  return lost == lost_pages_.end() || !std::ranges::equal(now, lost->second);
}

uint64_t SimulatedInode::sync() {
  const std::vector<uint8_t> live = live_contents();
  uint64_t written = 0;
  std::vector<uint64_t> dirty;
  for (uint64_t page = 0; page < page_count(live); ++page) {
    if (is_dirty(live, page)) dirty.push_back(page);
  }
  durable_.resize(live.size());
  for (const uint64_t page : dirty) {
    copy_part(live, durable_, page * kPage, kPage);
    lost_pages_.erase(page);
    ++written;
  }
  return written;
}

void SimulatedInode::fail_sync() {
  const std::vector<uint8_t> live = live_contents();
  for (uint64_t page = 0; page < page_count(live); ++page) {
    if (!is_dirty(live, page)) continue;
    const ByteView bytes = page_of(live, page);
    lost_pages_[page].assign(bytes.begin(), bytes.end());
  }
}

void SimulatedInode::drop_clean_pages() {
  const std::vector<uint8_t> live = live_contents();
  for (const auto& [page, lost] : lost_pages_) {
    const ByteView now = page_of(live, page);
    if (now.empty() || !std::ranges::equal(now, lost)) continue;  // cut off, or dirty again
    std::vector<uint8_t> stored(now.size());
    const ByteView durable = page_of(durable_, page);
    std::copy_n(durable.begin(), std::min(durable.size(), stored.size()), stored.begin());
    const ByteView chunk(stored);
    static_cast<void>(live_->write_at({&chunk, 1}, page * kPage));
  }
  lost_pages_.clear();
}

std::vector<uint8_t> SimulatedInode::contents_after_crash(SimulationRandom& random) const {
  const std::vector<uint8_t> live = live_contents();
  std::vector<uint8_t> result = durable_;
  if (live.size() != durable_.size() && random() % 2 == 0) result.resize(live.size());
  for (uint64_t page = 0; page < page_count(live); ++page) {
    if (!is_dirty(live, page)) continue;
    const uint64_t fate = random() % 4;
    if (fate == 0) continue;
    for (size_t at = page * kPage; at < (page + 1) * kPage; at += kSectorBytes) {
      if (fate == 1 || random() % 2 == 0) copy_part(live, result, at, kSectorBytes);
    }
  }
  return result;
}

}  // namespace millrace
