// Files of the operating system behind the File interface.
#pragma once

#include <memory>
#include <string>

#include "file_system.h"
#include "unique_fd.h"

namespace millrace {

// Takes over an open descriptor; `path` is for messages only.
std::unique_ptr<File> make_posix_file(UniqueFd fd, std::string path);

}  // namespace millrace
