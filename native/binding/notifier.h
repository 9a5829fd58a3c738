// Wakes one event loop when partitions moved, at most once a turn, and calls its listener.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "moved.h"
#include "registry.h"

namespace millrace::binding {

// Belongs to one environment and is used by its thread only. The part that native threads and libuv
// reach (Waker) may outlive it by the time libuv takes to close a handle.
class Notifier {
 public:
  // Null when every inbox is taken or the environment is stopping. `listener` is called with two
  // arrays of handles: those that moved and those that are gone.
  static std::unique_ptr<Notifier> create(Napi::Env env, Napi::Function listener);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void subscribe(const SharedPartition& partition);
  void unsubscribe(uint32_t handle);

 private:
  struct Waker;
  friend struct Waker;
  Notifier(Napi::Env env, Napi::Function listener, Waker* waker);
  void deliver();
  void call_listener();
  void leave_waker();

  napi_env env_;
  Napi::FunctionReference listener_;
  Waker* waker_;  // null once the environment's clean-up closed it
  std::unordered_map<uint32_t, SharedPartition> subscribed_;
  MovedInbox::Posted posted_;
};

}  // namespace millrace::binding
