// From the files of a partition's folder to its state in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "directory_context.h"
#include "partition_log_impl.h"
#include "status.h"

namespace millrace {

struct LoadOptions {
  int64_t recovery_point = 0;    // everything below was on disk when it was checkpointed
  int64_t log_start_offset = 0;  // as checkpointed
  // The topic is compacted: offsets need not continue within a segment. Its last offset stays
  // whatever is compacted, else nothing would tell that from a segment whose end was lost.
  bool allow_gaps = false;
  bool cut_below_recovery_point = false;  // an explicit order to repair
  uint32_t index_interval_bytes = 4096;
  // All that the folder holds was synced after its last change: recovery syncs only what it
  // changes.
  bool already_synced = false;
};

// After a clean stop: believes the marker. kCorruptLog when the folder does not fit it.
Result<LoadedLog> load_clean(DirectoryContext& context, const std::string& directory,
                             const PartitionLogImpl::CleanState& state);

// After a crash: scans from the segment of the recovery point on, cuts at the first bad batch,
// zeroes what follows it and syncs. A bad batch below the recovery point quarantines instead.
Result<LoadedLog> recover_log(DirectoryContext& context, const std::string& directory,
                              const LoadOptions& options);

}  // namespace millrace
