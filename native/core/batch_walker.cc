#include "batch_walker.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace millrace {
namespace {

using namespace batch_format;

// Headers are looked at in steps of this much, so that not each one costs a system call.
constexpr uint64_t kResidentStep = 64u << 10;

Status no_batch(const Segment& segment, uint64_t position) {
  return Status(Code::kCorruptLog,
                segment.log_path() + ": no batch at position " + std::to_string(position));
}

}  // namespace

Result<ReadWindow> BatchWalker::window_at(uint64_t position, uint64_t needed_end) {
  const bool held =
      window_.mapping && position >= window_.begin &&
      (needed_end <= window_.end() || window_.mapping->size_bytes() == ReadWindows::kWindowBytes) &&
      position < window_.end();
  if (held) return window_;
  const ReadWindows::Request request = {segment_.id, position, needed_end, range_.file_bytes};
  window_ = context_.windows.find(request);
  if (window_.mapping) return window_;
  Result<std::shared_ptr<File>> file = segment_.file();
  if (!file.is_ok()) return file.take_status();
  Result<ReadWindow> window = context_.windows.map(*file.value(), request);
  if (window.is_ok()) window_ = window.value();
  return window;
}

Status BatchWalker::require_resident(uint64_t begin, uint64_t end) {
  if (begin >= resident_begin_ && end <= resident_end_) return Status::ok();
  for (uint64_t at = begin; at < end;) {
    Result<ReadWindow> window = window_at(at, end);
    if (!window.is_ok()) return window.take_status();
    const uint64_t step_end = std::min(end, window.value().end());
    Mapping& mapping = *window.value().mapping;
    if (range_.may_block) {
      Status read = mapping.populate(at - window.value().begin, step_end - at);
      if (!read.is_ok()) return read;
    } else if (!mapping.resident(at - window.value().begin, step_end - at)) {
      return Status(Code::kCold, segment_.log_path() + " is not in memory");
    }
    at = step_end;
  }
  resident_begin_ = begin;
  resident_end_ = end;
  return Status::ok();
}

Status BatchWalker::copy(uint64_t position, MutableBytes target) {
  while (!target.empty()) {
    Result<ReadWindow> window = window_at(position, position + target.size());
    if (!window.is_ok()) return window.take_status();
    const Mapping& mapping = *window.value().mapping;
    const size_t step = std::min<uint64_t>(target.size(), window.value().end() - position);
    std::memcpy(target.data(), mapping.data() + (position - window.value().begin), step);
    if (mapping.failed()) return Status(Code::kIoError, "read " + segment_.log_path());
    position += step;
    target = target.subspan(step);
  }
  return Status::ok();
}

Result<BatchHeader> BatchWalker::header_at(uint64_t position) {
  const uint64_t end = position + kHeaderSize;
  if (end > range_.end) return no_batch(segment_, position);
  if (position < resident_begin_ || end > resident_end_) {
    const uint64_t step_end = std::min(range_.end, position + kResidentStep);
    // A cold page further on must not hide that this header can be read.
    Status resident = require_resident(position, step_end);
    if (resident.code() == Code::kCold) resident = require_resident(position, end);
    if (!resident.is_ok()) return resident;
  }
  Result<ReadWindow> window = window_at(position, end);
  if (!window.is_ok()) return window.take_status();
  BatchHeader header;
  if (end <= window.value().end()) {
    const uint8_t* const at = window.value().mapping->data() + (position - window.value().begin);
    header = read_batch_header(ByteView(at, kHeaderSize));
  } else {
    std::array<uint8_t, kHeaderSize> joined;
    if (Status copied = copy(position, joined); !copied.is_ok()) return copied;
    header = read_batch_header(joined);
  }
  if (window.value().mapping->failed())
    return Status(Code::kIoError, "read " + segment_.log_path());
  const bool plausible = header.magic == kMagicV2 &&
                         header.length >= static_cast<int32_t>(kHeaderSize - kLogOverhead) &&
                         position + header.size_bytes() <= range_.end;
  if (!plausible) return no_batch(segment_, position);
  return header;
}

Result<uint64_t> BatchWalker::find_offset(uint64_t from, int64_t offset) {
  while (from < range_.end) {
    Result<BatchHeader> header = header_at(from);
    if (!header.is_ok()) return header.take_status();
    if (header.value().last_offset() >= offset) break;
    from += header.value().size_bytes();
  }
  return from;
}

}  // namespace millrace
