// The partition's log: see partition_log.h for what it promises. Its methods are spread by reason
// to change: append_path.cc, read_path.cc, timestamp_lookup.cc, truncation.cc, retention.cc,
// partition_flush.cc (what the flusher asks of it), partition_chores.cc and partition_log_impl.cc.
//
// Locks, in the order in which they are taken: maintenance_mutex_ (truncation, retention, chores
// and closing exclude one another), mutex_ (the hot state), then the locks of Segment and
// DirectoryContext. The mutex_ is held over no copy and no sync.
#pragma once

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "directory_context.h"
#include "file_io.h"
#include "leader_epoch_cache.h"
#include "partition_log.h"
#include "prepared_append.h"
#include "producer_state.h"
#include "reservation_queue.h"
#include "segment.h"

namespace millrace {

using Segments = std::vector<std::shared_ptr<Segment>>;

class BatchWalker;
struct LoadOptions;

// What loading a partition from disk gives, and truncation rebuilds.
struct LoadedLog {
  Segments segments;  // at least one; the last is active
  int64_t log_start_offset = 0;
  int64_t end_offset = 0;
  LeaderEpochCache epochs;
  ProducerState producers;
  RecoveryReport report;
};

// One partition's part of a flush round.
struct FlushTicket {
  struct Item {
    std::shared_ptr<Segment> segment;
    uint64_t bytes;
    bool entry_synced;
  };
  std::vector<Item> items;
  std::shared_ptr<Segment> end_segment;  // the durable offset will lie here
  uint64_t end_position = 0;
  int64_t end_offset = 0;
  uint64_t bytes = 0;
  uint64_t truncations = 0;
  bool directory_entry_synced = false;  // that of the partition's folder
};

class PartitionLogImpl final : public PartitionLog,
                               public std::enable_shared_from_this<PartitionLogImpl> {
 public:
  PartitionLogImpl(std::shared_ptr<DirectoryContext> context, std::string name,
                   const LogConfig& config, LoadedLog loaded);
  ~PartitionLogImpl() override;

  const std::string& name() const override { return name_; }
  const RecoveryReport& recovery() const override { return report_; }
  Result<AppendResult> append(const ChunkList& records, const AppendOptions& options) override;
  Result<ReadSlice> read(const ReadOptions& options) override;
  LogState state() const override;
  Result<TimestampOffset> offset_for_timestamp(int64_t timestamp_ms) override;
  Result<TimestampOffset> max_timestamp() override;
  EpochEndOffset end_offset_for_epoch(int32_t leader_epoch) const override;
  Status set_leader_epoch(int32_t leader_epoch) override;
  int32_t last_epoch() const override;
  std::vector<AbortedTransaction> aborted_transactions(int64_t from, int64_t to) const override;
  std::vector<ProducerStateView> producers() const override;
  Status lead(int32_t local_id, const InSyncSet& set) override;
  Status follow(int32_t leader_epoch) override;
  bool set_in_sync(const InSyncSet& set) override;
  bool report_replica(const ReplicaReport& report) override;
  bool follow_high_watermark(int32_t leader_epoch, int64_t high_watermark) override;
  std::vector<ReplicaView> replicas() const override;
  Status delete_records(int64_t before_offset) override;
  Status truncate_to(int64_t offset) override;
  Status truncate_fully_and_start_at(int64_t offset) override;
  Status roll() override;
  Result<uint32_t> enforce_retention() override;
  void configure(const LogConfig& config) override;

  // --- For the directory.
  const std::string& directory() const { return directory_; }
  // Takes the partition out of the flush queue. False when there is nothing to sync.
  bool begin_flush(FlushTicket& ticket, bool include_active);
  // After everything of the ticket is on disk. True when the durable offset moved.
  bool finish_flush(const FlushTicket& ticket);
  // What keeps appends short: allocates and zeroes ahead, trims what rolled, writes its indexes,
  // starts write-back. One step; what is left is queued again.
  // kPrepared: the disk was kept busy with space that is not needed yet.
  enum class ChoresDone { kLittle, kPrepared };
  Result<ChoresDone> run_chores();
  // Writes what a clean start wants; the caller syncs the file system afterwards.
  Status close_cleanly();
  // Refuses further appends and waits for those under way.
  void stop();
  // Its files go: nothing of it is synced any more.
  void forget_unwritten();
  // The state that the clean-shutdown marker keeps.
  struct CleanState {
    bool has_snapshot = false;
    int64_t log_start_offset = 0;
    int64_t end_offset = 0;
    struct SegmentState {
      int64_t base_offset;
      uint64_t size_bytes;
      int64_t first_timestamp_ms;
      TimestampedOffset largest_timestamp;
    };
    std::vector<SegmentState> segments;
  };
  CleanState clean_state() const;
  // Tells the directory's checkpoints, in memory, what is durable now; writes the epochs first.
  Status update_checkpoint(Durability durability);
  Status write_changed_epochs(Durability durability);
  bool epochs_changed() const;
  bool quarantined() const;
  // Cuts a quarantined log where it is bad and serves it again.
  void install(LoadedLog loaded);
  // Once, when it is registered: queues what loading left to do.
  void after_open();
  LogConfig config() const;
  uint64_t mapped_bytes() const;
  void add_statistics(LogDirectory::Statistics& statistics) const;

 private:
  // --- append_path.cc
  Result<PreparedAppend> prepare(const ChunkList& records, const AppendOptions& options,
                                 const LogConfig& config) const;
  struct Place {
    Segment* segment = nullptr;
    uint8_t* target = nullptr;  // within the write mapping, or null: write_at
    Mapping* mapping = nullptr;
    File* file = nullptr;
    uint64_t position = 0;
    uint64_t ticket = 0;
  };
  Status reserve(std::unique_lock<std::mutex>& lock, PreparedAppend& append,
                 const LogConfig& config, Place& place);
  Status check_open() const;
  Status check_leader_epoch(int32_t leader_epoch) const;
  Status check_role(const AppendOptions& options) const;
  Status check_producers(const PreparedAppend& append) const;
  void assign_offsets(PreparedAppend& append) const;
  bool must_wait_for_space(const PreparedAppend& append) const;
  Status check_replica_offsets(const PreparedAppend& append) const;
  bool goes_through_mapping(uint64_t size_bytes) const;
  Status find_place(const PreparedAppend& append, const LogConfig& config, Place& place);
  void commit_reservation(PreparedAppend& append, const LogConfig& config, Place& place);
  Status copy_in(const PreparedAppend& append, const Place& place) const;
  void publish(uint64_t ticket);
  void abandon_reservation();

  // --- segment_rolling.cc
  bool must_roll(const Segment& active, const PreparedAppend& append,
                 const LogConfig& config) const;
  Status roll_locked();
  Status ensure_indexes(Segment& active);
  Status ensure_space(Segment& active, uint64_t end, uint64_t segment_bytes);
  Status ensure_mapping(Segment& active, uint64_t end, uint64_t segment_bytes);

  // --- read_path.cc
  struct ReadPlan;
  Status plan_read(const ReadOptions& options, ReadPlan& plan) const;
  static Result<uint64_t> find_in_sealed(BatchWalker& walker, Segment& segment, int64_t offset);
  Result<ReadSlice> execute_read(const ReadOptions& options, const ReadPlan& plan);

  // --- partition_flush.cc, partition_chores.cc
  bool needs_flush_locked() const;
  bool needs_chores_locked() const;
  bool wants_extent_locked() const;
  bool extent_runs_short_locked() const;
  void next_extent_locked();
  Status finish_rolled_segments();
  Status finish_segment(const std::shared_ptr<Segment>& segment, uint64_t log_bytes);
  Status write_pending_snapshots(int64_t up_to_offset);
  Status close_segment(Segment& segment);
  Result<ChoresDone> prepare_extent();
  Status start_writeback();

  // --- truncation.cc
  struct Cut {
    size_t segment_index = 0;
    uint64_t position = 0;
    int64_t offset = 0;
  };
  Result<Cut> find_cut(int64_t offset);
  Status cut_back(const Cut& cut);
  void drop_epochs_locked(int64_t offset);
  Status zero_after(Segment& segment, uint64_t position, uint64_t end);
  Status replace_all(int64_t offset);
  template <typename Act>
  Status with_appends_stopped(Act act);

  // --- retention.cc
  Status roll_by_time_locked(const LogConfig& config, int64_t now_ms);
  size_t count_expired_locked(const LogConfig& config, int64_t now_ms) const;
  Result<uint32_t> remove_oldest(size_t count);
  Result<size_t> write_snapshots_for_removal(size_t count);
  Status remove_files(const Segments& removed);

  // --- timestamp_lookup.cc
  struct SearchStart {
    std::shared_ptr<Segment> segment;
    uint64_t end = 0;
    uint64_t file_bytes = 0;
    int64_t from_offset = 0;
    bool sealed = false;
    uint64_t position = 0;  // where to begin, of the active segment
  };
  std::vector<SearchStart> segments_with_timestamp(int64_t timestamp_ms, int64_t from_offset) const;
  Result<TimestampOffset> first_record_since(int64_t timestamp_ms, int64_t from_offset);
  static Result<uint64_t> first_position(BatchWalker& walker, const SearchStart& start,
                                         int64_t timestamp_ms);
  Result<TimestampOffset> search_timestamp(const SearchStart& start, int64_t timestamp_ms);

  // --- replication.cc
  Status check_new_epoch(int32_t leader_epoch) const;
  void begin_replication_locked();
  bool move_high_watermark_locked();

  // --- the state
  void take_loaded(LoadedLog loaded);
  void install_locked_maintenance(LoadedLog loaded);
  LoadOptions load_options() const;
  size_t segment_index_of(int64_t offset) const;
  void move_log_start_locked(int64_t offset);
  Segment& active() { return *segments_.back(); }
  const Segment& active() const { return *segments_.back(); }
  LogState state_locked() const;
  bool publish_done_locked();
  // Whom the directory's threads wait for: they take mutex_ first of all.
  struct WorkWakes {
    bool flushes = false;
    bool chores = false;
  };
  [[nodiscard]] WorkWakes collect_work_locked();
  void wake(WorkWakes wakes) const;
  void queue_work_locked();
  void wait_for_appends(std::unique_lock<std::mutex>& lock);
  Status write_epochs(Durability durability);

  const std::shared_ptr<DirectoryContext> context_;
  const std::string name_;
  const std::string directory_;
  RecoveryReport report_;  // set by the constructor and by install() alone

  mutable std::mutex config_mutex_;
  LogConfig config_;

  std::mutex maintenance_mutex_;

  mutable std::mutex mutex_;
  std::condition_variable appends_done_;
  std::condition_variable prepared_;
  Segments segments_;
  ReservationQueue reservations_;
  ProducerState producers_;
  LeaderEpochCache epochs_;
  ReplicaSet replicas_;
  int32_t leader_epoch_ = 0;
  int64_t log_start_offset_ = 0;
  int64_t reserved_end_offset_ = 0;
  int64_t published_end_offset_ = 0;
  int64_t durable_offset_ = 0;
  int64_t high_watermark_ = 0;
  uint64_t truncations_ = 0;
  uint64_t next_extent_bytes_ = 0;
  int64_t extent_began_ns_ = 0;
  uint64_t extent_began_bytes_ = 0;
  uint64_t unsynced_bytes_ = 0;
  uint64_t size_bytes_ = 0;
  uint64_t durable_position_ = 0;  // of the durable offset in the active segment; 0: not known
  uint64_t appended_bytes_ = 0;
  uint64_t appended_batches_ = 0;
  uint64_t appended_records_ = 0;
  uint32_t appends_awaited_ = 0;  // threads in wait_for_appends()
  bool flush_queued_ = false;
  bool chores_queued_ = false;
  bool chores_hurried_ = false;
  bool epochs_changed_ = false;
  bool changed_ = false;  // since it was loaded
  bool closed_ = false;
  bool deleted_ = false;
  bool truncating_ = false;  // appends wait for prepared_
  uint64_t appended_bytes_at_retention_ = 0;
  bool preparing_ = false;  // the active segment is being allocated or zeroed from usable_bytes on
  bool prepare_failed_ = false;
  uint64_t extent_limit_ = 0;  // a segment is not allocated beyond it; from segment.bytes
  bool directory_entry_synced_ = false;
  std::vector<std::pair<int64_t, std::vector<uint8_t>>> pending_snapshots_;
  std::vector<std::shared_ptr<Mapping>> retired_mappings_;  // until no append is under way
};

}  // namespace millrace
