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

enum class Durability {
  kNone,     // the caller syncs the whole file system before anything relies on it
  kContent,  // after a crash there is the old content or the new, never a part
  kEntry,    // after a crash there is the new content
};
// Replaces `path` in one step, for whoever reads it now.
Status replace_file(FileSystem& files, const std::string& path, ByteView content,
                    Durability durability);

std::string parent_directory(const std::string& path);

inline ByteView bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace millrace
