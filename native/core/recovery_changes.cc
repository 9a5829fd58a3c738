// What recovery changes on disk: cutting, zeroing, removing, and the small files that go with it.
#include <algorithm>
#include <utility>

#include "file_io.h"
#include "log_file_names.h"
#include "recovery.h"

namespace millrace {

Status Recovery::cut_at(size_t index, Segment& segment, ByteView bytes, const SegmentScanEnd& end) {
  const std::string why = (end.reason.empty() ? "the end" : end.reason) + " at position " +
                          std::to_string(end.position) + " of " + segment.log_path();
  if (quarantine(end.next_offset, why)) return Status::ok();
  const uint64_t content = end_of_content(bytes.subspan(end.position));
  loaded_.report.reason = why;
  loaded_.report.cut_at_offset = end.next_offset;
  loaded_.report.cut_bytes += content;
  stopped_ = true;
  Status status = remove_segments_from(index + 1);
  if (status.is_ok()) status = zero_tail(segment, end.position + content);
  return changed(std::move(status));
}

Status Recovery::changed(Status status) const {
  if (status.code() == Code::kIoError) context_.fail(status);
  return status;
}

// From the last one backwards: a crash in between leaves a log that recovers to the same end.
Status Recovery::remove_segments_from(size_t index) {
  for (size_t i = folder_.segments.size(); i-- > index;) {
    Segment removed(context_, directory_, folder_.segments[i]);
    Result<std::shared_ptr<File>> file = removed.file();
    if (!file.is_ok()) return file.take_status();
    Result<uint64_t> size = file.value()->size();
    if (!size.is_ok()) return size.take_status();
    loaded_.report.cut_bytes += size.value();
    Status status = remove_segment_files(files_, removed.stem);
    if (!status.is_ok()) return status;
  }
  folder_.segments.resize(std::min(index, folder_.segments.size()));
  return files_.sync_directory(directory_);
}

Status Recovery::zero_tail(Segment& segment, uint64_t content_end) {
  Result<std::shared_ptr<File>> file = segment.file();
  if (!file.is_ok()) return file.take_status();
  if (content_end > segment.published_bytes) {
    Status zeroed =
        file.value()->write_zeros(segment.published_bytes, content_end - segment.published_bytes);
    if (!zeroed.is_ok()) return zeroed;
  }
  return file.value()->sync_data();
}

// Snapshots of what was cut, and those that a clean stop wrote in the middle of a segment.
Status Recovery::remove_stale_snapshots() {
  for (const int64_t offset : folder_.snapshots) {
    const bool at_base =
        std::binary_search(folder_.segments.begin(), folder_.segments.end(), offset);
    if (at_base && offset <= loaded_.end_offset) continue;
    entries_changed_ = true;
    const Status removed =
        files_.remove(directory_ + '/' + log_file_name(offset, log_suffix::kProducerSnapshot));
    if (!removed.is_ok() && removed.code() != Code::kNotFound) return removed;
  }
  return Status::ok();
}

Status Recovery::remove_old_indexes(const Segment& segment) {
  for (const std::string_view suffix :
       {log_suffix::kOffsetIndex, log_suffix::kTimeIndex, log_suffix::kTransactionIndex}) {
    const Status removed = files_.remove(std::string(segment.stem).append(suffix));
    if (!removed.is_ok() && removed.code() != Code::kNotFound) return removed;
    entries_changed_ = entries_changed_ || removed.is_ok();
  }
  return Status::ok();
}

// Every segment has a whole snapshot of the producers at its beginning, so that retention may
// delete all before it. The state is exactly that when its scan begins.
Status Recovery::write_missing_snapshot(int64_t base_offset) {
  if (base_offset == 0) return Status::ok();
  if (std::binary_search(folder_.snapshots.begin(), folder_.snapshots.end(), base_offset)) {
    const Result<ProducerState> known = read_snapshot(files_, directory_, base_offset);
    if (known.is_ok() || known.status().code() == Code::kIoError) return known.status();
  }
  entries_changed_ = true;
  const std::string path =
      directory_ + '/' + log_file_name(base_offset, log_suffix::kProducerSnapshot);
  return changed(replace_file(files_, path, loaded_.producers.serialize(), Durability::kEntry));
}

Status Recovery::write_epochs() {
  if (folder_.has_epochs && loaded_.epochs.entries() == stored_epochs_) return Status::ok();
  entries_changed_ = true;
  return replace_file(files_, directory_ + '/' + std::string(kLeaderEpochFile),
                      bytes_of(loaded_.epochs.serialize()), Durability::kContent);
}

// What is called durable from here on must be found.
Status Recovery::sync_entries() {
  Status status;
  if (entries_changed_ || !options_.already_synced) status = files_.sync_directory(directory_);
  if (status.is_ok() && !options_.already_synced) {
    status = files_.sync_directory(parent_directory(directory_));
  }
  return status;
}

// The batches that are walked say which epochs they have; the file may be of another time.
void Recovery::take_epochs_above(int64_t offset) {
  for (const LeaderEpochCache::Entry& entry : loaded_.epochs.entries()) {
    if (entry.start_offset >= offset) unconfirmed_epochs_.push_back(entry);
  }
  loaded_.epochs.truncate_from_end(offset);
}

// An epoch that began at the log's end has no batch to say so.
void Recovery::restore_empty_epochs() {
  for (const LeaderEpochCache::Entry& entry : unconfirmed_epochs_) {
    if (entry.start_offset == loaded_.end_offset) {
      loaded_.epochs.assign(entry.epoch, entry.start_offset);
    }
  }
  loaded_.epochs.truncate_from_end(loaded_.end_offset + 1);
  loaded_.epochs.truncate_from_start(loaded_.segments.front()->base_offset);
}

Status Recovery::start_empty(int64_t offset) {
  // Snapshots of another history go first, for good.
  for (const int64_t snapshot : folder_.snapshots) {
    const Status removed =
        files_.remove(directory_ + '/' + log_file_name(snapshot, log_suffix::kProducerSnapshot));
    if (!removed.is_ok() && removed.code() != Code::kNotFound) return removed;
  }
  if (!folder_.snapshots.empty()) {
    if (Status synced = files_.sync_directory(directory_); !synced.is_ok()) return synced;
  }
  auto segment = std::make_shared<Segment>(context_, directory_, offset);
  segment->indexes = std::make_shared<SegmentIndexes>(offset);
  segment->created_ms = context_.clock.wall_ms();
  // A partition that begins at 0 gets its file with its first append.
  if (offset > 0) {
    if (Status created = segment->create_file(); !created.is_ok()) return created;
  }
  loaded_.segments.assign(1, std::move(segment));
  loaded_.log_start_offset = loaded_.end_offset = offset;
  loaded_.producers.clear();
  return Status::ok();
}

}  // namespace millrace
