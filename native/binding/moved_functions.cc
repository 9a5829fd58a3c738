// Being told that partitions moved.
#include "convert.h"
#include "functions.h"

namespace millrace::binding {

namespace {

// onMoved(listener): once an environment, before any subscribe()
Napi::Value on_moved(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  if (environment.notifier) throw Napi::Error::New(info.Env(), "onMoved was called before");
  environment.notifier = Notifier::create(info.Env(), info[0].As<Napi::Function>());
  if (!environment.notifier) {
    throw Napi::Error::New(info.Env(), "more threads listen to the log than the " +
                                           std::to_string(MovedInbox::kMaxInboxes) + " it allows");
  }
  return info.Env().Undefined();
}

// subscribe(partition): boolean; false when the partition is closed
Napi::Value subscribe(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  if (!environment.notifier) throw Napi::Error::New(info.Env(), "onMoved was not called");
  const SharedPartition* partition = environment.partition(uint32_argument(info, 0));
  if (partition != nullptr) environment.notifier->subscribe(*partition);
  return Napi::Boolean::New(info.Env(), partition != nullptr);
}

// unsubscribe(partition)
Napi::Value unsubscribe(const Napi::CallbackInfo& info) {
  Environment& environment = Environment::of(info);
  if (environment.notifier) environment.notifier->unsubscribe(uint32_argument(info, 0));
  return info.Env().Undefined();
}

}  // namespace

void export_moved_functions(Napi::Object exports, Environment& environment) {
  export_verb<on_moved>(exports, "onMoved", environment);
  export_verb<subscribe>(exports, "subscribe", environment);
  export_verb<unsubscribe>(exports, "unsubscribe", environment);
}

}  // namespace millrace::binding
