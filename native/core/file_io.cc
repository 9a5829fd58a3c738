#include "file_io.h"

#include <memory>
#include <utility>

namespace millrace {

Result<std::vector<uint8_t>> read_whole_file(FileSystem& files, const std::string& path,
                                             uint64_t max_bytes) {
  Result<std::unique_ptr<File>> file = files.open(path, OpenMode::kReadOnly);
  if (!file.is_ok()) return file.take_status();
  Result<uint64_t> size = file.value()->size();
  if (!size.is_ok()) return size.take_status();
  if (size.value() > max_bytes) {
    return Status(Code::kTooLarge, path + " has " + std::to_string(size.value()) + " bytes");
  }
  std::vector<uint8_t> content(size.value());
  Result<size_t> count = file.value()->read_at(content, 0);
  if (!count.is_ok()) return count.take_status();
  content.resize(count.value());
  return content;
}

Status replace_file(FileSystem& files, const std::string& path, ByteView content,
                    Durability durability) {
  const std::string temporary = path + ".tmp";
  Result<std::unique_ptr<File>> file = files.open(temporary, OpenMode::kCreateOrOpen);
  if (!file.is_ok()) return file.take_status();
  if (Status cut = file.value()->truncate(0); !cut.is_ok()) return cut;
  const ByteView chunks[] = {content};
  if (Status written = file.value()->write_at(chunks, 0); !written.is_ok()) return written;
  if (durability != Durability::kNone) {
    // Before the rename: else a crash could leave the new name with none of the content.
    if (Status synced = file.value()->sync_data(); !synced.is_ok()) return synced;
  }
  if (Status renamed = files.rename(temporary, path); !renamed.is_ok()) return renamed;
  return durability == Durability::kEntry ? files.sync_directory(parent_directory(path))
                                          : Status::ok();
}

std::string parent_directory(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace millrace
