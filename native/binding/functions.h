// The addon's verbs, by subject; addon.cc puts them together.
#pragma once

#include <napi.h>

#include "environment.h"

namespace millrace::binding {

using Verb = Napi::Value (*)(const Napi::CallbackInfo& info);

// Adds `verb` to `exports` with the environment as its data.
template <Verb verb>
void export_verb(Napi::Object exports, const char* name, Environment& environment) {
  exports.Set(name, Napi::Function::New<verb>(exports.Env(), name, &environment));
}

void export_directory_functions(Napi::Object exports, Environment& environment);
void export_append_functions(Napi::Object exports, Environment& environment);
void export_read_functions(Napi::Object exports, Environment& environment);
void export_partition_functions(Napi::Object exports, Environment& environment);
void export_replication_functions(Napi::Object exports, Environment& environment);
void export_moved_functions(Napi::Object exports, Environment& environment);
void export_codec_functions(Napi::Object exports, Environment& environment);
void export_inspect_functions(Napi::Object exports, Environment& environment);
void export_socket_functions(Napi::Object exports, Environment& environment);
#ifdef MILLRACE_SIMULATION
void export_simulation_functions(Napi::Object exports, Environment& environment);
#endif

}  // namespace millrace::binding
