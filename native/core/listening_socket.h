// A TCP socket bound so that several threads can each listen on the same port, which Node cannot
// ask for, and the file lock that keeps a second broker from doing the same.
#pragma once

#include <cstdint>
#include <string>

#include "status.h"
#include "unique_fd.h"

namespace millrace {

struct ListeningSocket {
  UniqueFd fd;
  uint16_t port = 0;  // the one that was found when 0 was asked for
};

// Binds with SO_REUSEPORT, non-blocking and close-on-exec; whoever takes it calls listen(2).
// `address` is numeric, IPv4 or IPv6. An IPv6 wildcard serves IPv6 only.
Result<ListeningSocket> open_listening_socket(const std::string& address, uint16_t port);

// Creates the file where missing and locks it exclusively until the descriptor is closed. kLocked
// when another open file description holds it, of this process too.
Result<UniqueFd> lock_file(const std::string& path);

}  // namespace millrace
