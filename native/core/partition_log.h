// One partition's log: the state that every thread of the process shares, behind one mutex.
//
// An append validates outside the lock; under it the producer's sequence is checked and offset and
// position are reserved; the bytes are copied outside it; and it is published in the order of
// reservation. A large append therefore never holds up a small one behind it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "file_system.h"
#include "replica_set.h"
#include "status.h"

namespace millrace {

class LogDirectory;

enum class TimestampType { kCreateTime, kLogAppendTime };

// The topic configs that the log itself acts on; may be changed while it runs.
struct LogConfig {
  uint32_t segment_bytes = 1u << 30;
  int64_t segment_ms = 7LL * 24 * 3600 * 1000;
  int64_t retention_bytes = -1;
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;
  uint32_t index_interval_bytes = 4096;
  uint32_t max_message_bytes = 1048588;
  TimestampType timestamp_type = TimestampType::kCreateTime;
  int64_t timestamp_before_max_ms = INT64_MAX;   // message.timestamp.before.max.ms
  int64_t timestamp_after_max_ms = 3600 * 1000;  // message.timestamp.after.max.ms
  int compression = -1;  // compression.type: -1 producer, 0 uncompressed, else a codec id
  int compression_level = 0;
  bool compact = false;  // keys required
  ValidateDepth validate = ValidateDepth::kFull;
  int64_t producer_expiry_ms = 24LL * 3600 * 1000;
};

enum class AppendOrigin { kClient, kReplica, kCoordinator };

struct AppendOptions {
  AppendOrigin origin = AppendOrigin::kClient;
  int32_t leader_epoch = -1;  // the caller's belief; -1 does not check (client path)
};

struct AppendResult {
  int64_t base_offset = -1;
  int64_t last_offset = -1;
  int64_t log_append_time_ms = -1;  // -1 unless message.timestamp.type is LogAppendTime
  int64_t log_start_offset = 0;
  bool duplicate = false;  // an idempotent resend: the offsets are those of the first append
};

struct LogState {
  int64_t log_start_offset = 0;
  int64_t log_end_offset = 0;  // published
  int64_t durable_offset = 0;  // everything below is on disk
  int64_t high_watermark = 0;  // what consumers may see
  int64_t last_stable_offset = 0;
  int32_t leader_epoch = 0;
  uint64_t size_bytes = 0;
  uint32_t segments = 0;
  bool offline = false;
};

// A run of whole batches within one segment. The mapping keeps the bytes alive.
struct ReadSlice {
  std::shared_ptr<Mapping>
      mapping;  // a window of at most 16 MiB, or null when `copied` holds the bytes
  const uint8_t* data = nullptr;
  size_t size_bytes = 0;
  uint64_t window_id = 0;       // identifies (segment file, window) for the caller's view cache
  size_t window_offset = 0;     // of data within the window
  std::vector<uint8_t> copied;  // a batch that crosses windows
  LogState state;               // as of the read, one snapshot
};

struct ReadOptions {
  int64_t offset = 0;
  size_t max_bytes = 1u << 20;
  bool at_least_one = true;  // a first batch larger than max_bytes is returned whole
  int64_t limit_offset =
      INT64_MAX;           // exclusive; the caller passes high watermark or last stable offset
  bool may_block = false;  // false: kCold instead of touching a page that is not in memory
};

struct TimestampOffset {
  int64_t timestamp_ms = -1;
  int64_t offset = -1;
  int32_t leader_epoch = -1;
};

struct AbortedTransaction {
  int64_t producer_id;
  int64_t first_offset;
  int64_t last_offset;
  int64_t last_stable_offset;
};

struct EpochEndOffset {
  int32_t leader_epoch = -1;
  int64_t end_offset = -1;
};

struct ProducerStateView {
  int64_t producer_id;
  int16_t producer_epoch;
  int32_t last_sequence;
  int64_t last_timestamp_ms;
  int32_t coordinator_epoch;
  int64_t current_txn_first_offset;  // -1: none
};

struct RecoveryReport {
  bool was_clean = false;
  uint64_t scanned_bytes = 0;
  uint64_t cut_bytes = 0;  // torn tail that was cut off
  int64_t cut_at_offset = -1;
  std::string reason;        // why it was cut: "bad CRC at position …", empty when nothing was
  bool quarantined = false;  // bad below the checkpoint: kept as it is, offline until `repair`
};

class PartitionLog {
 public:
  virtual ~PartitionLog() = default;

  // What the process keeps beside the log (its handle, who waits for it), for a MovedCallback to
  // find without a lock. Attached once, after opening; lives as long as the log. Null before.
  void attach_record(std::shared_ptr<void> record) {
    record_owner_ = std::move(record);
    record_.store(record_owner_.get(), std::memory_order_release);
  }
  void* record() const { return record_.load(std::memory_order_acquire); }

  virtual const std::string& name() const = 0;  // "<topic>-<partition>", the folder's name
  virtual const RecoveryReport& recovery() const = 0;

  // Any thread. Validates `records` (one or more whole batches), assigns offsets, copies them in
  // and publishes. Not yet durable on return: wait for state().durable_offset > last_offset.
  virtual Result<AppendResult> append(const ChunkList& records, const AppendOptions& options) = 0;
  // Any thread. kOffsetOutOfRange outside [log start, log end]; an empty slice from the limit on.
  virtual Result<ReadSlice> read(const ReadOptions& options) = 0;
  virtual LogState state() const = 0;

  virtual Result<TimestampOffset> offset_for_timestamp(
      int64_t timestamp_ms) = 0;  // -1 offset: none
  virtual Result<TimestampOffset> max_timestamp() = 0;
  virtual EpochEndOffset end_offset_for_epoch(int32_t leader_epoch) const = 0;
  virtual Status set_leader_epoch(int32_t leader_epoch) = 0;  // starts a new epoch at the log's end
  virtual int32_t last_epoch() const = 0;  // of the last record's leader, or of this one; -1: none
  virtual std::vector<AbortedTransaction> aborted_transactions(int64_t from, int64_t to) const = 0;
  virtual std::vector<ProducerStateView> producers() const = 0;

  // --- Among replicas. Without any of these a partition is alone.
  // kFencedLeaderEpoch below the epoch it is in. Told the same epoch again, a leader keeps what its
  // followers have reported and takes the set. Its high watermark begins at what it knew last.
  virtual Status lead(int32_t local_id, const InSyncSet& set) = 0;
  // From now on it takes records from its leader in this epoch only.
  virtual Status follow(int32_t leader_epoch) = 0;
  // False, and without effect, in another epoch; so are the next two.
  virtual bool set_in_sync(const InSyncSet& set) = 0;
  virtual bool report_replica(const ReplicaReport& report) = 0;
  virtual bool follow_high_watermark(int32_t leader_epoch, int64_t high_watermark) = 0;
  virtual std::vector<ReplicaView> replicas() const = 0;

  virtual Status delete_records(
      int64_t before_offset) = 0;  // moves the log start; never past the high watermark
  virtual Status truncate_to(int64_t offset) = 0;
  virtual Status truncate_fully_and_start_at(int64_t offset) = 0;
  virtual Status roll() = 0;
  // Rolls by segment.ms, deletes by retention and below the log start. Returns segments deleted.
  virtual Result<uint32_t> enforce_retention() = 0;
  virtual void configure(const LogConfig& config) = 0;

 private:
  std::shared_ptr<void> record_owner_;
  std::atomic<void*> record_{nullptr};
};

}  // namespace millrace
