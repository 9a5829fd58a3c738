// What files a partition's folder holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "file_system.h"
#include "leader_epoch_cache.h"
#include "producer_state.h"
#include "status.h"

namespace millrace {

struct LogFolder {
  std::vector<int64_t> segments;   // base offsets, ascending
  std::vector<int64_t> snapshots;  // offsets, ascending
  bool has_epochs = false;
};

Result<LogFolder> list_log_folder(FileSystem& files, const std::string& directory);
Result<LeaderEpochCache> read_epochs(FileSystem& files, const std::string& directory);
Result<ProducerState> read_snapshot(FileSystem& files, const std::string& directory,
                                    int64_t offset);
// A segment that is cut keeps no index of what it held; what is gone already is no error.
Status remove_index_files(FileSystem& files, const std::string& stem);
// Removes every file of the segment; the .log last, so that a crash leaves no index without it.
Status remove_segment_files(FileSystem& files, const std::string& stem);

}  // namespace millrace
