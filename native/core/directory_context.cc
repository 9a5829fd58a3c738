#include "directory_context.h"

#include <utility>

namespace millrace {
namespace {

// Address space, not memory; far below the kernel's limit of mappings.
constexpr uint64_t kReadWindowsBytes = 8ull << 30;
constexpr size_t kIndexCacheBytes = 64u << 20;

}  // namespace

DirectoryContext::DirectoryContext(Parts parts)
    : files(parts.files),
      clock(parts.clock),
      path(std::move(parts.path)),
      options(parts.options),
      mapped_writes(parts.options.write_mode == WriteMode::kMmap &&
                    parts.files.traits(path).mapped_writes_safe),
      checkpoints(parts.files, path),
      windows(kReadWindowsBytes),
      indexes(kIndexCacheBytes),
      on_moved_(std::move(parts.on_moved)) {}

Status DirectoryContext::offline_reason() const {
  const std::lock_guard lock(reason_mutex_);
  return reason_;
}

void DirectoryContext::fail(const Status& cause) {
  {
    const std::lock_guard lock(reason_mutex_);
    if (!reason_.is_ok()) return;
    reason_ = Status(Code::kOffline, path + " is offline: " + cause.context(), cause.errno_value());
    offline_.store(true, std::memory_order_release);
  }
  if (failure_callback_) failure_callback_();
}

}  // namespace millrace
