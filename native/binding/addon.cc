// The addon's entry: one call for each environment that loads it.
#include <napi.h>

#include "environment.h"
#include "functions.h"

namespace millrace::binding {

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto created = std::make_unique<Environment>(env);
  Environment& environment = *created;
  env.SetInstanceData<Environment>(created.release());  // deleted with the environment
  exports.Set("results", environment.results_array());
  export_directory_functions(exports, environment);
  export_append_functions(exports, environment);
  export_read_functions(exports, environment);
  export_partition_functions(exports, environment);
  export_replication_functions(exports, environment);
  export_moved_functions(exports, environment);
  export_codec_functions(exports, environment);
  export_inspect_functions(exports, environment);
  export_socket_functions(exports, environment);
#ifdef MILLRACE_SIMULATION
  export_simulation_functions(exports, environment);
#endif
  return exports;
}

}  // namespace

NODE_API_MODULE(millrace, initialise)

}  // namespace millrace::binding
