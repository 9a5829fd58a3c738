// The one place where errno becomes a Status.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "status.h"

namespace millrace {

// "write /data/t-0/00.log: No space left on device". The code says what a caller can do about it.
Status posix_status(std::string_view operation, std::string_view path, int errno_value);

// A failed sync: always kIoError, whatever errno says. After it the kernel has dropped the dirty
// pages, so that "no space" must not look like something that can be tried again.
Status posix_sync_status(std::string_view operation, std::string_view path, int errno_value);

// Repeats a system call that a signal interrupted.
template <typename Call>
auto retry_interrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace millrace
