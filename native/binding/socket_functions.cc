// Sockets and file locks that Node cannot make itself. Descriptors go out as numbers: from then on
// whoever called owns them.
#include "convert.h"
#include "functions.h"
#include "listening_socket.h"

namespace millrace::binding {

namespace {

// openListeningSocket(address, port): { fd, port }
Napi::Value open_listening_socket(const Napi::CallbackInfo& info) {
  const std::string address = string_argument(info, 0);
  const auto port = static_cast<uint16_t>(uint32_argument(info, 1));
  auto opened = millrace::open_listening_socket(address, port);
  if (!opened.is_ok()) throw to_error(info.Env(), opened.status(), address);
  ListeningSocket socket = opened.take();
  Napi::Object described = Napi::Object::New(info.Env());
  described.Set("port", socket.port);
  described.Set("fd", socket.fd.release());
  return described;
}

// lockFile(path): descriptor; closing it unlocks
Napi::Value lock_file(const Napi::CallbackInfo& info) {
  const std::string path = string_argument(info, 0);
  auto locked = millrace::lock_file(path);
  if (!locked.is_ok()) throw to_error(info.Env(), locked.status(), path);
  return Napi::Number::New(info.Env(), locked.take().release());
}

}  // namespace

void export_socket_functions(Napi::Object exports, Environment& environment) {
  export_verb<open_listening_socket>(exports, "openListeningSocket", environment);
  export_verb<lock_file>(exports, "lockFile", environment);
}

}  // namespace millrace::binding
