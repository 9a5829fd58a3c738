// One segment of a partition: its file, how far it is filled, synced and allocated, and its
// indexes. Members say which lock guards them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "directory_context.h"
#include "file_system.h"
#include "segment_indexes.h"
#include "status.h"

namespace millrace {

class Segment {
 public:
  // `directory` is the partition's folder; the file is opened, or created, on first use.
  Segment(DirectoryContext& context, const std::string& directory, int64_t base_offset);
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const int64_t base_offset;
  const uint64_t id;       // unique in the process
  const std::string stem;  // path without suffix

  // Any thread. Opens the file when it is not open; it stays so until release_file().
  Result<std::shared_ptr<File>> file();
  // No append and no sync will need it: the descriptor goes when nobody uses it.
  void release_file();
  Status create_file();
  bool file_exists() const { return file_exists_.load(std::memory_order_acquire); }
  void assume_file_exists() { file_exists_.store(true, std::memory_order_release); }
  std::string log_path() const;

  // Any thread, once the segment has rolled: loads the indexes, or rebuilds them from the log.
  Result<std::shared_ptr<const SegmentIndexes>> sealed_indexes(uint64_t log_bytes);
  // Null when they are not in memory; never blocks on the disk.
  std::shared_ptr<const SegmentIndexes> cached_indexes();
  void set_sealed_indexes(std::shared_ptr<const SegmentIndexes> indexes);
  // What was loaded does not fit the log: rebuilds it.
  Result<std::shared_ptr<const SegmentIndexes>> rebuild_sealed_indexes(uint64_t log_bytes);

  // --- Guarded by the partition's mutex.
  uint64_t reserved_bytes = 0;   // where the next append goes
  uint64_t published_bytes = 0;  // what readers may see
  uint64_t synced_bytes = 0;     // what is on disk
  uint64_t allocated_bytes = 0;  // the file's size
  uint64_t usable_bytes = 0;     // what appends may fill; below allocated while zeros are written
  uint64_t writeback_bytes = 0;  // up to where write-back was started
  int64_t first_timestamp_ms = -1;
  int64_t created_ms = 0;
  TimestampedOffset largest_timestamp;
  std::shared_ptr<Mapping> write_mapping;
  // Complete while the segment is active; null before its first use after a clean start.
  std::shared_ptr<SegmentIndexes> indexes;
  bool rolled = false;
  bool finished = false;      // rolled, synced, trimmed, its indexes written
  bool entry_synced = false;  // the directory's entry of the file is on disk

 private:
  Result<std::shared_ptr<const SegmentIndexes>> rebuild_locked(uint64_t log_bytes);
  std::shared_ptr<const SegmentIndexes> keep_locked(std::shared_ptr<const SegmentIndexes> indexes);

  DirectoryContext& context_;
  std::mutex file_mutex_;
  std::shared_ptr<File> file_;
  std::atomic<bool> file_exists_{false};
  std::mutex indexes_mutex_;
  std::weak_ptr<const SegmentIndexes> sealed_;  // kept alive by the directory's IndexCache
};

// Builds the indexes by walking the first `log_bytes` of the segment's file. kCorruptLog when they
// are not all whole batches.
Result<std::shared_ptr<SegmentIndexes>> rebuild_indexes(File& file, int64_t base_offset,
                                                        uint64_t log_bytes);

}  // namespace millrace
