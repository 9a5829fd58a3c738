// Whole small files: indexes, snapshots, checkpoints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bytes.h"
#include "file_system.h"
#include "status.h"

namespace millrace {

// kTooLarge above `max_bytes`: a damaged file must not make a large allocation.
Result<std::vector<uint8_t>> read_whole_file(FileSystem& files, const std::string& path,
                                             uint64_t max_bytes);

// Replaces `path` in one step: after a crash there is the old content or the new, never a part.
// Durable on return when `durable`.
Status replace_file(FileSystem& files, const std::string& path, ByteView content, bool durable);

std::string parent_directory(const std::string& path);

inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace millrace
