// Blocking work on libuv's pool, and the promise that it settles.
#pragma once

#include <napi.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "convert.h"
#include "status.h"

namespace millrace::binding {

// `work` runs on a pool thread and touches no JavaScript; `convert` runs on the environment's
// thread. Whatever the work needs, it owns. A failure rejects with an Error that names `path`.
template <typename T>
class PoolJob {
 public:
  using Work = std::function<Result<T>()>;
  using Convert = std::function<napi_value(Napi::Env, T&)>;

  static Napi::Value start(Napi::Env env, std::string path, Work work, Convert convert) {
    std::unique_ptr<PoolJob> job(new PoolJob(std::move(path), std::move(work), std::move(convert)));
    napi_value promise = nullptr;
    const Napi::String name = Napi::String::New(env, "millrace");
    if (napi_create_promise(env, &job->deferred_, &promise) != napi_ok ||
        napi_create_async_work(env, nullptr, name, execute, complete, job.get(), &job->handle_) !=
            napi_ok) {
      throw Napi::Error::New(env);
    }
    if (napi_queue_async_work(env, job->handle_) != napi_ok) throw Napi::Error::New(env);
    static_cast<void>(job.release());  // complete() takes it back
    return Napi::Value(env, promise);
  }

 private:
  PoolJob(std::string path, Work work, Convert convert)
      : path_(std::move(path)), work_(std::move(work)), convert_(std::move(convert)) {}

  static void execute(napi_env, void* data) {
    auto* job = static_cast<PoolJob*>(data);
    try {
      job->result_.emplace(job->work_());
    } catch (
        const std::exception& exception) {  // out of memory or threads; core itself throws nothing
      job->result_.emplace(Status(Code::kIoError, exception.what()));
    }
  }

  static void complete(napi_env env, napi_status status, void* data) {
    const std::unique_ptr<PoolJob> job(static_cast<PoolJob*>(data));
    napi_delete_async_work(env, job->handle_);
    if (status != napi_ok) return;  // cancelled: the environment is stopping
    try {
      job->settle(env);
    } catch (const Napi::Error& error) {
      // The conversion failed, or the environment is stopping and refuses this too.
      static_cast<void>(napi_reject_deferred(env, job->deferred_, error.Value()));
    }
  }

  void settle(Napi::Env env) {
    const Napi::HandleScope scope(env);
    if (result_->is_ok()) {
      static_cast<void>(napi_resolve_deferred(env, deferred_, convert_(env, result_->value())));
    } else {
      const Napi::Error error = to_error(env, result_->status(), path_);
      static_cast<void>(napi_reject_deferred(env, deferred_, error.Value()));
    }
  }

  std::string path_;
  Work work_;
  Convert convert_;
  std::optional<Result<T>> result_;
  napi_deferred deferred_ = nullptr;
  napi_async_work handle_ = nullptr;
};

struct Nothing {};

// For work that has nothing to say but whether it failed.
inline Napi::Value start_job(Napi::Env env, std::string path, std::function<Status()> work) {
  return PoolJob<Nothing>::start(
      env, std::move(path),
      [work = std::move(work)]() -> Result<Nothing> {
        Status status = work();
        if (!status.is_ok()) return status;
        return Nothing{};
      },
      [](Napi::Env job_env, Nothing&) -> napi_value { return job_env.Undefined(); });
}

}  // namespace millrace::binding
