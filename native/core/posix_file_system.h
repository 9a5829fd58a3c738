// The file layer of the operating system (Linux).
#pragma once

#include "file_system.h"

namespace millrace {

// Lives as long as the process; safe to share between threads.
FileSystem& posix_file_system();

}  // namespace millrace
