#include "notifier.h"

#include <uv.h>

#include <utility>
#include <vector>

namespace millrace::binding {

// What native threads and libuv reach. Its life: start() initialises the uv_async; close() cuts it
// off from native threads and hands it to uv_close, whose callback frees it.
struct Notifier::Waker {
  uv_async_t async = {};
  Notifier* owner = nullptr;  // null once either of the two is ending
  MovedInbox* inbox = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;

  // Null when no inbox is free or the environment is stopping.
  static Waker* start(napi_env env) {
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
    auto starting = std::make_unique<Waker>();
    if (uv_async_init(loop, &starting->async, on_wake) != 0) return nullptr;
    Waker* waker = starting.release();  // libuv has it now
    waker->async.data = waker;
    uv_unref(reinterpret_cast<uv_handle_t*>(&waker->async));  // listening keeps no thread alive
    waker->inbox = MovedInbox::claim([waker] { uv_async_send(&waker->async); });
    if (waker->inbox == nullptr ||
        napi_add_async_cleanup_hook(env, on_environment_end, waker, &waker->hook) != napi_ok) {
      waker->close();
      return nullptr;
    }
    return waker;
  }

  void close() {
    if (owner != nullptr) owner->leave_waker();
    owner = nullptr;
    if (inbox != nullptr) inbox->release();  // from here on no native thread touches `async`
    uv_close(reinterpret_cast<uv_handle_t*>(&async), [](uv_handle_t* handle) {
      const std::unique_ptr<Waker> closed(static_cast<Waker*>(handle->data));
      if (closed->hook != nullptr) napi_remove_async_cleanup_hook(closed->hook);
    });
  }

  static void on_wake(uv_async_t* async) {
    if (Notifier* owner = static_cast<Waker*>(async->data)->owner) owner->deliver();
  }

  static void on_environment_end(napi_async_cleanup_hook_handle, void* data) {
    static_cast<Waker*>(data)->close();
  }
};

std::unique_ptr<Notifier> Notifier::create(Napi::Env env, Napi::Function listener) {
  Waker* waker = Waker::start(env);
  if (waker == nullptr) return nullptr;
  std::unique_ptr<Notifier> notifier(new Notifier(env, listener, waker));
  waker->owner = notifier.get();
  return notifier;
}

Notifier::Notifier(Napi::Env env, Napi::Function listener, Waker* waker)
    : env_(env), listener_(Napi::Persistent(listener)), waker_(waker) {}

Notifier::~Notifier() {
  if (waker_ == nullptr) return;
  waker_->owner = nullptr;
  leave_waker();
}

void Notifier::leave_waker() {
  for (auto& [handle, partition] : subscribed_) waker_->inbox->unsubscribe(*partition.record);
  subscribed_.clear();
  waker_ = nullptr;
}

void Notifier::subscribe(const SharedPartition& partition) {
  if (waker_ == nullptr) return;
  subscribed_.try_emplace(partition.record->handle, partition);
  waker_->inbox->subscribe(*partition.record);
}

void Notifier::unsubscribe(uint32_t handle) {
  const auto found = subscribed_.find(handle);
  if (waker_ == nullptr || found == subscribed_.end()) return;
  waker_->inbox->unsubscribe(*found->second.record);
  subscribed_.erase(found);
}

namespace {

napi_value to_array(napi_env env, const std::vector<uint32_t>& handles) {
  napi_value array = nullptr;
  if (napi_create_array_with_length(env, handles.size(), &array) != napi_ok) return nullptr;
  for (size_t i = 0; i < handles.size(); ++i) {
    napi_value handle = nullptr;
    if (napi_create_uint32(env, handles[i], &handle) != napi_ok) return nullptr;
    if (napi_set_element(env, array, static_cast<uint32_t>(i), handle) != napi_ok) return nullptr;
  }
  return array;
}

}  // namespace

// Called by libuv, outside of any call from JavaScript: each status is looked at, because the
// environment may be stopping and then refuses everything.
void Notifier::deliver() {
  waker_->inbox->take(posted_);
  for (const uint32_t handle : posted_.removed) unsubscribe(handle);
  std::erase_if(posted_.moved, [this](uint32_t handle) {
    const auto found = subscribed_.find(handle);
    if (found == subscribed_.end()) return true;
    waker_->inbox->acknowledge(*found->second.record);
    return false;
  });
  if (posted_.moved.empty() && posted_.removed.empty()) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  call_listener();
  napi_close_handle_scope(env_, scope);
}

void Notifier::call_listener() {
  const napi_env env = env_;  // the listener may end this object's environment
  napi_value listener = nullptr;
  napi_value receiver = nullptr;
  if (napi_get_reference_value(env, listener_, &listener) != napi_ok || listener == nullptr) return;
  if (napi_get_global(env, &receiver) != napi_ok) return;
  const napi_value arguments[] = {to_array(env, posted_.moved), to_array(env, posted_.removed)};
  if (arguments[0] == nullptr || arguments[1] == nullptr) return;
  const napi_status status =
      napi_make_callback(env, nullptr, receiver, listener, 2, arguments, nullptr);
  if (status != napi_pending_exception) return;
  napi_value thrown = nullptr;
  if (napi_get_and_clear_last_exception(env, &thrown) != napi_ok || thrown == nullptr) return;
  napi_fatal_exception(env, thrown);  // becomes the thread's 'uncaughtException'
}

}  // namespace millrace::binding
