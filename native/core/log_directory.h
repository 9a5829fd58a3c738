// A data directory: its lock, its partitions, its flusher and the verdict on its disk. The first
// failed write or sync takes the whole directory offline, for good (the kernel drops dirty pages
// after a failed fdatasync and then reports success, so a retry would lie).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clock.h"
#include "file_system.h"
#include "partition_log.h"
#include "status.h"

namespace millrace {

enum class FlushPolicy { kGroup, kInterval, kOs };
enum class WriteMode { kMmap, kPwrite };

struct DirectoryOptions {
  FlushPolicy flush = FlushPolicy::kGroup;
  int64_t flush_interval_ms = 1000;  // kInterval
  WriteMode write_mode = WriteMode::kMmap;
  bool start_thread = true;             // false: the caller drives flush_step() (tests, simulation)
  uint64_t writeback_bytes = 8u << 20;  // start write-back after this many unwritten bytes
  uint64_t dirty_budget_bytes = 256u << 20;  // above it over_budget() holds producers back
  uint64_t first_extent_bytes = 64u << 10;
  uint64_t max_extent_bytes = 64u << 20;
};

// Called by whichever thread moved a partition's published end, durable offset, high watermark or
// log start, or took the directory offline. Must be cheap, take no lock of the log and not block:
// it marks the partition and wakes an event loop.
using MovedCallback = std::function<void(PartitionLog&)>;

class LogDirectory {
 public:
  // Locks `path`, creates it when missing, and reads the clean-shutdown marker (and deletes it).
  // kLocked, kPermission, kNewerFormat, kIoError; context() is a sentence for a person.
  static Result<std::shared_ptr<LogDirectory>> open(FileSystem& files, Clock& clock,
                                                    std::string path,
                                                    const DirectoryOptions& options,
                                                    MovedCallback on_moved);
  virtual ~LogDirectory() = default;

  virtual const std::string& path() const = 0;
  virtual bool was_clean() const = 0;
  virtual bool offline() const = 0;
  virtual Status offline_reason() const = 0;
  // Bytes appended and not yet known to be written back exceed the budget: stop reading producers'
  // sockets until it is false again (on_moved fires then too).
  virtual bool over_budget() const = 0;
  virtual std::vector<std::string> partition_names() const = 0;  // folders found on disk

  // Opens or creates `<path>/<name>/`; recovers it when the directory was not clean. Blocking:
  // large scans belong on the thread pool. Opening an open partition returns the same object.
  virtual Result<std::shared_ptr<PartitionLog>> open_partition(const std::string& name,
                                                               const LogConfig& config) = 0;
  // Renames the folder to `<name>.<unique>-delete` at once; the files go when nobody reads them.
  virtual Status delete_partition(const std::string& name) = 0;

  // Cuts a quarantined partition where it is bad, although what lay behind was known to be on disk,
  // and serves it again: only ever on a person's order. kNotFound when it is not open.
  virtual Result<RecoveryReport> repair_partition(const std::string& name) = 0;

  // One round of the flusher: gathers what was appended since the last, syncs it (a few files one
  // by one, many with one syncfs), publishes durable offsets, trims rolled segments. Returns how
  // many partitions advanced. The production thread calls exactly this.
  virtual Result<uint32_t> flush_step() = 0;
  // Blocks until everything appended before the call is durable, whatever the policy.
  virtual Status flush_all() = 0;
  // Flushes, writes producer snapshots, trims the active segments, checkpoints, writes the marker
  // and unlocks. Idempotent; later appends are kClosed.
  virtual Status close() = 0;
  // As a crash would leave it: no flush, no marker; for tests.
  virtual void abandon() = 0;

  struct Statistics {
    uint64_t appended_bytes = 0, appended_batches = 0, appended_records = 0;
    uint64_t flushes = 0, flushed_bytes = 0;
    uint64_t flush_ns_total = 0, flush_ns_last = 0, flush_ns_max = 0;
    uint64_t unwritten_bytes = 0;
    uint64_t open_partitions = 0, mapped_bytes = 0;
  };
  virtual Statistics statistics() const = 0;
};

}  // namespace millrace
