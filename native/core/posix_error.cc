#include "posix_error.h"

#include <system_error>

namespace millrace {
namespace {

Code code_of(int errno_value) {
  switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
      return Code::kNoSpace;
    case ENOENT:
      return Code::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return Code::kExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermission;
    case EMFILE:
    case ENFILE:
      return Code::kTooManyFiles;
    case EINVAL:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
      return Code::kInvalidArgument;
    default:
      return Code::kIoError;
  }
}

std::string describe(std::string_view operation, std::string_view path, int errno_value) {
  std::string text(operation);
  text.append(" ").append(path).append(": ");
  return text + std::generic_category().message(errno_value);
}

}  // namespace

Status posix_status(std::string_view operation, std::string_view path, int errno_value) {
  return Status(code_of(errno_value), describe(operation, path, errno_value), errno_value);
}

Status posix_sync_status(std::string_view operation, std::string_view path, int errno_value) {
  return Status(Code::kIoError, describe(operation, path, errno_value), errno_value);
}

}  // namespace millrace
