#include "log_loader.h"

#include <utility>

#include "file_io.h"
#include "log_file_names.h"
#include "log_folder.h"

namespace millrace {
namespace {

Status misfit(const std::string& directory, const std::string& what) {
  return Status(Code::kCorruptLog, directory + " does not fit the clean-shutdown marker: " + what);
}

Status check_size(FileSystem& files, const Segment& segment, uint64_t size_bytes) {
  Result<std::unique_ptr<File>> file = files.open(segment.log_path(), OpenMode::kReadOnly);
  if (!file.is_ok()) return file.take_status();
  Result<uint64_t> size = file.value()->size();
  if (!size.is_ok()) return size.take_status();
  return size.value() == size_bytes
             ? Status::ok()
             : misfit(segment.log_path(), std::to_string(size.value()) + " bytes");
}

// Exactly the segments of the marker; one that was never written to has no file yet.
bool same_segments(const LogFolder& folder, const PartitionLogImpl::CleanState& state) {
  if (folder.segments.empty()) {
    return state.segments.size() == 1 && state.segments[0].size_bytes == 0;
  }
  if (folder.segments.size() != state.segments.size()) return false;
  for (size_t i = 0; i < state.segments.size(); ++i) {
    if (folder.segments[i] != state.segments[i].base_offset) return false;
  }
  return true;
}

std::shared_ptr<Segment> make_clean_segment(
    DirectoryContext& context, const std::string& directory,
    const PartitionLogImpl::CleanState::SegmentState& state) {
  auto segment = std::make_shared<Segment>(context, directory, state.base_offset);
  segment->reserved_bytes = segment->published_bytes = segment->synced_bytes = state.size_bytes;
  segment->allocated_bytes = segment->usable_bytes = state.size_bytes;
  segment->writeback_bytes = state.size_bytes;
  segment->first_timestamp_ms = state.first_timestamp_ms;
  segment->largest_timestamp = state.largest_timestamp;
  segment->created_ms = context.clock.wall_ms();
  segment->entry_synced = true;
  segment->rolled = segment->finished = true;
  return segment;
}

}  // namespace

Result<LoadedLog> load_clean(DirectoryContext& context, const std::string& directory,
                             const PartitionLogImpl::CleanState& state) {
  Result<LogFolder> folder = list_log_folder(context.files, directory);
  if (!folder.is_ok()) return folder.take_status();
  if (state.segments.empty() || !same_segments(folder.value(), state)) {
    return misfit(directory, "other segments");
  }
  LoadedLog loaded;
  loaded.log_start_offset = state.log_start_offset;
  loaded.end_offset = state.end_offset;
  loaded.report.was_clean = true;
  for (const auto& segment : state.segments) {
    loaded.segments.push_back(make_clean_segment(context, directory, segment));
    if (!folder.value().segments.empty()) loaded.segments.back()->assume_file_exists();
  }
  Segment& active = *loaded.segments.back();
  active.rolled = active.finished = false;
  if (active.file_exists()) {
    Status size = check_size(context.files, active, active.published_bytes);
    if (!size.is_ok()) return size;
  } else {
    active.indexes = std::make_shared<SegmentIndexes>(active.base_offset);
  }
  if (folder.value().has_epochs) {
    Result<LeaderEpochCache> epochs = read_epochs(context.files, directory);
    if (!epochs.is_ok()) return epochs.take_status();
    loaded.epochs = epochs.take();
  }
  if (state.has_snapshot) {
    Result<ProducerState> producers = read_snapshot(context.files, directory, state.end_offset);
    if (!producers.is_ok()) return producers.take_status();
    loaded.producers = producers.take();
  }
  return loaded;
}

}  // namespace millrace
