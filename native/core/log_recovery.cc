// Recovery after a crash. What it must never do: serve a byte that was not appended whole, bring an
// old tail back to life, or cut silently what was known to be on disk.
#include <algorithm>
#include <utility>

#include "recovery.h"
#include "recovery_consumers.h"

namespace millrace {
namespace {

// Behind the last entry of a whole index stands less than this, whatever index.interval.bytes was.
constexpr uint64_t kIndexGapBytesMax = 16u << 20;

}  // namespace

size_t Recovery::segment_of(int64_t offset) const {
  const auto above = std::upper_bound(folder_.segments.begin(), folder_.segments.end(), offset);
  return above == folder_.segments.begin()
             ? 0
             : static_cast<size_t>(above - folder_.segments.begin()) - 1;
}

bool Recovery::quarantine(int64_t offset, const std::string& why) {
  if (offset >= options_.recovery_point || options_.cut_below_recovery_point) return false;
  loaded_.report.quarantined = true;
  loaded_.report.cut_at_offset = offset;
  loaded_.report.reason = why + ", below offset " + std::to_string(options_.recovery_point) +
                          " that was known to be on disk";
  stopped_ = true;
  return true;
}

// Where to begin: at the recovery point, or earlier where producer state or epochs must be rebuilt.
Status Recovery::load_trusted_state() {
  if (Status epochs = load_epochs(); !epochs.is_ok()) return epochs;
  // Without them nothing says which epochs began below the scan.
  const size_t wanted = folder_.has_epochs ? segment_of(options_.recovery_point) : 0;
  for (size_t i = wanted + 1; i-- > 0;) {
    const int64_t base = folder_.segments[i];
    scan_from_ = i;
    if (i == 0 && !std::binary_search(folder_.snapshots.begin(), folder_.snapshots.end(), base)) {
      break;
    }
    Result<ProducerState> producers = read_snapshot(files_, directory_, base);
    if (producers.is_ok()) {
      loaded_.producers = producers.take();
      break;
    }
    if (producers.status().code() == Code::kIoError) return producers.take_status();
  }
  return Status::ok();
}

// A damaged file counts as none.
Status Recovery::load_epochs() {
  if (!folder_.has_epochs) return Status::ok();
  Result<LeaderEpochCache> epochs = read_epochs(files_, directory_);
  folder_.has_epochs = epochs.is_ok();
  if (!epochs.is_ok()) {
    return epochs.status().code() == Code::kCorruptLog ? Status::ok() : epochs.take_status();
  }
  loaded_.epochs = epochs.take();
  stored_epochs_ = loaded_.epochs.entries();
  return Status::ok();
}

Result<LoadedLog> Recovery::run() {
  Result<LogFolder> folder = list_log_folder(files_, directory_);
  if (!folder.is_ok()) return folder.take_status();
  folder_ = folder.take();
  if (folder_.segments.empty()) {
    const bool lost = quarantine(options_.log_start_offset, "the segments are gone");
    // A quarantined log is left as it is.
    if (lost) folder_.snapshots.clear();
    Status started = start_empty(lost ? 0 : options_.log_start_offset);
    if (!started.is_ok()) return started;
    return std::move(loaded_);
  }
  Status status = load_trusted_state();
  if (!status.is_ok()) return status;
  take_epochs_above(folder_.segments[scan_from_]);
  const size_t crc_from = segment_of(options_.recovery_point);
  loaded_.end_offset = folder_.segments.front();
  for (size_t i = 0; i < folder_.segments.size() && !stopped_; ++i) {
    status = i < scan_from_ ? trust_segment(i) : scan(i, i >= crc_from, loaded_);
    if (!status.is_ok()) return status;
  }
  if (!stopped_) quarantine(loaded_.end_offset, "the log ends");
  loaded_.log_start_offset = std::max(options_.log_start_offset, folder_.segments.front());
  if (loaded_.report.quarantined) {
    loaded_.log_start_offset = std::min(loaded_.log_start_offset, loaded_.end_offset);
    return std::move(loaded_);
  }
  status = remove_stale_snapshots();
  if (status.is_ok() && loaded_.end_offset < loaded_.log_start_offset) {
    const int64_t start = loaded_.log_start_offset;
    status = remove_segments_from(0);
    if (status.is_ok()) status = start_empty(start);
  }
  restore_empty_epochs();
  if (status.is_ok()) status = write_epochs();
  if (status.is_ok()) status = sync_entries();
  if (!status.is_ok()) return changed(std::move(status));
  return std::move(loaded_);
}

// Below the recovery point and with the state that came after it known: only its end is checked,
// because a trim may not have reached the disk.
Status Recovery::trust_segment(size_t index) {
  const int64_t base_offset = folder_.segments[index];
  const int64_t next_base = folder_.segments[index + 1];
  auto segment = std::make_shared<Segment>(context_, directory_, base_offset);
  segment->assume_file_exists();
  Result<std::shared_ptr<File>> file = segment->file();
  if (!file.is_ok()) return file.take_status();
  Result<uint64_t> size = file.value()->size();
  if (!size.is_ok()) return size.take_status();
  Result<std::shared_ptr<SegmentIndexes>> indexes =
      read_indexes(files_, segment->stem, base_offset, size.value());
  if (!indexes.is_ok()) return rebuild_segment(index);
  TailOfSegment tail(*indexes.value());
  const uint32_t from = tail.from();
  const int64_t known = indexes.value()->offsets.floor(INT64_MAX / 2).offset;
  Result<std::shared_ptr<Mapping>> mapping =
      file.value()->map(0, std::max<uint64_t>(size.value(), 1), MapAccess::kRead);
  if (!mapping.is_ok()) return mapping.take_status();
  SegmentScanOptions options;
  options.next_offset = from == 0 ? base_offset : 0;
  options.check_crc = false;
  options.allow_gaps = true;
  const ByteView bytes(mapping.value()->data(), size.value());
  const SegmentScanEnd end = scan_segment(bytes.subspan(from), options, tail);
  if (mapping.value()->failed()) return Status(Code::kIoError, "read " + segment->log_path());
  if (!tail.is_covered(kIndexGapBytesMax)) return rebuild_segment(index);
  // Either the log ends early or the index points to where no batch begins: the log decides.
  if (end.next_offset <= known || end.next_offset != next_base) return rebuild_segment(index);
  loaded_.end_offset = end.next_offset;
  const uint64_t position = from + end.position;
  segment->reserved_bytes = segment->published_bytes = segment->synced_bytes = position;
  segment->allocated_bytes = segment->usable_bytes = size.value();
  segment->largest_timestamp = indexes.value()->largest_timestamp;
  segment->entry_synced = segment->rolled = true;
  segment->finished = position == size.value();
  if (!segment->finished) {
    Status trimmed = changed(file.value()->truncate(position));
    if (!trimmed.is_ok()) return trimmed;
    segment->allocated_bytes = segment->usable_bytes = position;
    segment->finished = true;
  }
  segment->release_file();
  loaded_.segments.push_back(std::move(segment));
  return Status::ok();
}

// Its indexes are missing or damaged. The state of the partition is known from later on, so that
// what this walk finds of producers serves its transaction index alone.
Status Recovery::rebuild_segment(size_t index) {
  LoadedLog aside;
  Result<ProducerState> producers = read_snapshot(files_, directory_, folder_.segments[index]);
  if (producers.is_ok()) aside.producers = producers.take();
  return scan(index, true, aside);
}

// Producers and epochs of what it finds go to `state`, all else to what is loaded.
Status Recovery::scan(size_t index, bool check_crc, LoadedLog& state) {
  const int64_t base = folder_.segments[index];
  auto segment = std::make_shared<Segment>(context_, directory_, base);
  segment->assume_file_exists();
  segment->indexes = std::make_shared<SegmentIndexes>(base);
  segment->created_ms = context_.clock.wall_ms();
  // Indexes of a segment that may still change are those of an earlier time.
  Status status = remove_old_indexes(*segment);
  if (status.is_ok() && &state == &loaded_) status = write_missing_snapshot(base);
  if (!status.is_ok()) return status;
  Result<std::shared_ptr<File>> file = segment->file();
  if (!file.is_ok()) return file.take_status();
  // All of it is clean: what the process before this one failed to sync must not be found again.
  if (options_.already_synced) file.value()->drop_cache();
  Result<uint64_t> size = file.value()->size();
  if (!size.is_ok()) return size.take_status();
  SegmentScanOptions options;
  options.next_offset = base;
  options.check_crc = check_crc;
  options.allow_gaps = options_.allow_gaps;
  SegmentScanEnd end;
  end.next_offset = base;
  std::shared_ptr<Mapping> mapping;
  ByteView bytes;
  if (size.value() > 0) {
    Result<std::shared_ptr<Mapping>> mapped = file.value()->map(0, size.value(), MapAccess::kRead);
    if (!mapped.is_ok()) return mapped.take_status();
    mapping = mapped.take();
    bytes = ByteView(mapping->data(), size.value());
    StateBuilder builder(state, *segment, options_.index_interval_bytes);
    end = scan_segment(bytes, options, builder);
  }
  segment->reserved_bytes = segment->published_bytes = segment->synced_bytes = end.position;
  segment->writeback_bytes = end.position;
  segment->allocated_bytes = segment->usable_bytes = size.value();
  segment->largest_timestamp = segment->indexes->largest_timestamp;
  segment->entry_synced = true;
  loaded_.end_offset = end.next_offset;
  loaded_.report.scanned_bytes += end.position;
  loaded_.segments.push_back(segment);
  const uint64_t content = end_of_content(bytes.subspan(end.position));
  if (mapping && mapping->failed()) return Status(Code::kIoError, "read " + segment->log_path());
  const bool last = index + 1 == folder_.segments.size();
  const bool continues = last || folder_.segments[index + 1] == end.next_offset;
  if (content > 0 || !continues) return cut_at(index, *segment, bytes, end);
  if (!last) {
    segment->indexes->seal();
    segment->rolled = true;
  }
  return options_.already_synced ? Status::ok() : changed(file.value()->sync_data());
}

Result<LoadedLog> recover_log(DirectoryContext& context, const std::string& directory,
                              const LoadOptions& options) {
  return Recovery(context, directory, options).run();
}

}  // namespace millrace
