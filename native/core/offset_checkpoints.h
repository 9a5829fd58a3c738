// The checkpoint files of a data directory: recovery-point-offset-checkpoint (below it a partition
// is known to be on disk), log-start-offset-checkpoint, and replication-offset-checkpoint (the high
// watermark of those that have companions). Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "checkpoint_text.h"
#include "file_system.h"
#include "status.h"

namespace millrace {

class OffsetCheckpoints {
 public:
  OffsetCheckpoints(FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  // A file that is missing or damaged counts as empty: then more is scanned, and nothing believed.
  Status read();

  struct Offsets {
    int64_t recovery_point = 0;
    int64_t log_start = 0;
    int64_t high_watermark = 0;
  };
  Offsets of(const std::string& partition) const;
  // In memory, until write().
  void set(const std::string& partition, const Offsets& offsets);
  void forget(const std::string& partition);
  // Writes what changed; durable on return.
  Status write();

 private:
  Result<OffsetCheckpoint> read_file(std::string_view name);
  Status write_file(std::string_view name, const std::string& text);

  FileSystem& files_;
  const std::string directory_;
  mutable std::mutex mutex_;
  std::mutex write_mutex_;  // taken before mutex_
  OffsetCheckpoint recovery_points_;
  OffsetCheckpoint log_starts_;
  OffsetCheckpoint high_watermarks_;
  bool recovery_points_changed_ = false;
  bool log_starts_changed_ = false;
  bool high_watermarks_changed_ = false;
};

}  // namespace millrace
