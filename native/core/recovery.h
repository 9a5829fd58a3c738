// One recovery of one partition: the state that its steps share. log_recovery.cc walks the
// segments, recovery_changes.cc changes what is on disk. Nobody else includes it.
#pragma once

#include <string>
#include <vector>

#include "directory_context.h"
#include "leader_epoch_cache.h"
#include "log_folder.h"
#include "log_loader.h"
#include "segment.h"
#include "segment_scan.h"

namespace millrace {

class Recovery {
 public:
  Recovery(DirectoryContext& context, const std::string& directory, const LoadOptions& options)
      : context_(context), files_(context.files), directory_(directory), options_(options) {}

  Result<LoadedLog> run();

 private:
  Status load_trusted_state();
  Status load_epochs();
  Status trust_segment(size_t index);
  Status rebuild_segment(size_t index);
  Status remove_old_indexes(const Segment& segment);
  Status write_missing_snapshot(int64_t base_offset);
  Status write_epochs();
  Status sync_entries();
  Status scan(size_t index, bool check_crc, LoadedLog& state);
  Status cut_at(size_t index, Segment& segment, ByteView bytes, const SegmentScanEnd& end);
  Status remove_segments_from(size_t index);
  Status zero_tail(Segment& segment, uint64_t content_end);
  Status remove_stale_snapshots();
  Status start_empty(int64_t offset);
  void take_epochs_above(int64_t offset);
  void restore_empty_epochs();
  // Of a change of the disk. One that fails is final: a second sync would say yes to what the first
  // one lost.
  Status changed(Status status) const;
  size_t segment_of(int64_t offset) const;
  bool quarantine(int64_t offset, const std::string& why);

  DirectoryContext& context_;
  FileSystem& files_;
  const std::string& directory_;
  const LoadOptions& options_;
  LogFolder folder_;
  LoadedLog loaded_;
  size_t scan_from_ = 0;  // the first segment that is walked at all
  std::vector<LeaderEpochCache::Entry> unconfirmed_epochs_;
  std::vector<LeaderEpochCache::Entry> stored_epochs_;
  bool entries_changed_ = false;  // of the folder, and not synced since
  bool stopped_ = false;          // cut or quarantined: later segments do not count
};

}  // namespace millrace
