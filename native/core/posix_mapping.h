// mmap behind the Mapping interface, guarded against faults.
#pragma once

#include <memory>
#include <string>

#include "deleted_files.h"
#include "file_system.h"

namespace millrace {

struct MapRange {
  uint64_t offset;
  uint64_t length_bytes;
};

struct MapSource {
  int fd;                   // may be closed afterwards
  const std::string& path;  // for messages only
  std::shared_ptr<const FileUse> use;
};

Result<std::shared_ptr<Mapping>> map_posix_file(const MapSource& source, MapRange range,
                                                MapAccess access);

}  // namespace millrace
