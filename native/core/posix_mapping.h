// mmap behind the Mapping interface, guarded against faults.
#pragma once

#include <memory>
#include <string>

#include "file_system.h"

namespace millrace {

struct MapRange {
  uint64_t offset;
  uint64_t length_bytes;
};

// Maps the range of `fd`, which may be closed afterwards; `path` is for messages only.
Result<std::shared_ptr<Mapping>> map_posix_file(int fd, const std::string& path, MapRange range,
                                                MapAccess access);

}  // namespace millrace
