#include "listening_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstring>

#include "posix_error.h"

namespace millrace {
namespace {

// A numeric address with its port, as bind(2) takes it.
class SocketAddress {
 public:
  static Result<SocketAddress> parse(const std::string& address, uint16_t port) {
    SocketAddress parsed;
    if (::inet_pton(AF_INET, address.c_str(), &parsed.v4_.sin_addr) == 1) {
      parsed.v4_.sin_family = AF_INET;
      parsed.v4_.sin_port = htons(port);
      parsed.family_ = AF_INET;
      return parsed;
    }
    if (::inet_pton(AF_INET6, address.c_str(), &parsed.v6_.sin6_addr) == 1) {
      parsed.v6_.sin6_family = AF_INET6;
      parsed.v6_.sin6_port = htons(port);
      parsed.family_ = AF_INET6;
      return parsed;
    }
    return Status(Code::kInvalidArgument, "\"" + address + "\" is not a numeric address");
  }

  int family() const { return family_; }
  socklen_t size_bytes() const { return family_ == AF_INET ? sizeof(v4_) : sizeof(v6_); }
  const sockaddr* get() const {
    return family_ == AF_INET ? reinterpret_cast<const sockaddr*>(&v4_)
                              : reinterpret_cast<const sockaddr*>(&v6_);
  }

 private:
  int family_ = AF_INET;
  sockaddr_in v4_ = {};
  sockaddr_in6 v6_ = {};
};

Result<uint16_t> bound_port(int fd, const std::string& where) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof(bound);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return posix_status("find the port of", where, errno);
  }
  uint16_t port = 0;  // at the same place for both families
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  std::memcpy(&port, reinterpret_cast<const char*>(&bound) + offsetof(sockaddr_in, sin_port),
              sizeof(port));
  return static_cast<uint16_t>(ntohs(port));
}

}  // namespace

Result<ListeningSocket> open_listening_socket(const std::string& address, uint16_t port) {
  auto parsed = SocketAddress::parse(address, port);
  if (!parsed.is_ok()) return parsed.take_status();
  const SocketAddress target = parsed.value();
  const std::string where = address + ":" + std::to_string(port);

  UniqueFd fd(::socket(target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return posix_status("open a socket for", where, errno);
  const int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
      (target.family() == AF_INET6 &&
       ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)) {
    return posix_status("share the port of", where, errno);
  }
  if (::bind(fd.get(), target.get(), target.size_bytes()) != 0) {
    return posix_status("bind", where, errno);
  }
  auto found = bound_port(fd.get(), where);
  if (!found.is_ok()) return found.take_status();
  return ListeningSocket{std::move(fd), found.value()};
}

Result<UniqueFd> lock_file(const std::string& path) {
  // Readable and writable by its owner only: it lies in a folder that others may share.
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return posix_status("open", path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Status(Code::kLocked, path + " is locked", errno);
    return posix_status("lock", path, errno);
  }
  return fd;
}

}  // namespace millrace
