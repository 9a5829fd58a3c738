// What a Status is to JavaScript.
#pragma once

#include <napi.h>

#include <string>

#include "status.h"

namespace millrace::binding {

// 'LOCKED', 'NO_SPACE', ...: what Error.code says.
const char* code_name(Code code);
// The one place where a Status becomes an Error: message, code, errno where there is one, and path.
Napi::Error to_error(Napi::Env env, const Status& status, const std::string& path);

}  // namespace millrace::binding
