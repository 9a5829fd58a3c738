// What the tests of the log share: a data directory on a simulated or a real disk, a clock that
// stands still until told, and appends whose bytes are remembered.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "batch_builder.h"
#include "clock.h"
#include "file_system.h"
#include "log_directory.h"
#include "partition_log.h"

namespace millrace::testing {

class ManualClock final : public Clock {
 public:
  int64_t wall_ms() const override { return wall_ms_; }
  int64_t monotonic_ns() const override { return monotonic_ns_; }
  void advance_ms(int64_t milliseconds) {
    wall_ms_ += milliseconds;
    monotonic_ns_ += milliseconds * 1'000'000;
  }

 private:
  int64_t wall_ms_ = 1'700'000'000'000;
  int64_t monotonic_ns_ = 1;
};

// `count` records with values of `value_bytes`, told apart by `tag`.
BatchSpec tagged_batch(int count, size_t value_bytes, const std::string& tag);

Result<AppendResult> append_bytes(PartitionLog& log, const Bytes& batch,
                                  AppendOptions options = {});

// `batch` as it must stand in the log.
Bytes stored_form(Bytes batch, int64_t base_offset, int32_t leader_epoch);

// Everything from `from` up to `limit`, read slice by slice and joined. Fails the test on an error.
Bytes read_all(PartitionLog& log, int64_t from, int64_t limit = INT64_MAX,
               size_t max_bytes = 1u << 20);

struct OpenLog {
  std::shared_ptr<LogDirectory> directory;
  std::shared_ptr<PartitionLog> log;
};

DirectoryOptions manual_options(WriteMode mode, FlushPolicy flush = FlushPolicy::kGroup);

// Fails the test when it does not open.
OpenLog open_log(FileSystem& files, Clock& clock, const DirectoryOptions& options,
                 const LogConfig& config = {}, const std::string& name = "topic-0");

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace millrace::testing
