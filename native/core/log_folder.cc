#include "log_folder.h"

#include "file_io.h"
#include "log_file_names.h"

namespace millrace {
namespace {

constexpr uint64_t kEpochFileBytesMax = 16u << 20;
constexpr uint64_t kSnapshotBytesMax = 256u << 20;

}  // namespace

Result<LogFolder> list_log_folder(FileSystem& files, const std::string& directory) {
  Result<std::vector<std::string>> names = files.list(directory);
  if (!names.is_ok()) return names.take_status();
  LogFolder folder;
  for (const std::string& name : names.value()) {
    if (name == kLeaderEpochFile) folder.has_epochs = true;
    const std::optional<LogFileName> parsed = parse_log_file_name(name);
    if (!parsed) continue;
    if (parsed->suffix == log_suffix::kLog) folder.segments.push_back(parsed->offset);
    if (parsed->suffix == log_suffix::kProducerSnapshot) folder.snapshots.push_back(parsed->offset);
  }
  return folder;
}

Result<LeaderEpochCache> read_epochs(FileSystem& files, const std::string& directory) {
  Result<std::vector<uint8_t>> content =
      read_whole_file(files, directory + '/' + std::string(kLeaderEpochFile), kEpochFileBytesMax);
  if (!content.is_ok()) return content.take_status();
  return LeaderEpochCache::parse(
      {reinterpret_cast<const char*>(content.value().data()), content.value().size()});
}

Result<ProducerState> read_snapshot(FileSystem& files, const std::string& directory,
                                    int64_t offset) {
  Result<std::vector<uint8_t>> content =
      read_whole_file(files, directory + '/' + log_file_name(offset, log_suffix::kProducerSnapshot),
                      kSnapshotBytesMax);
  if (!content.is_ok()) return content.take_status();
  return ProducerState::parse(content.value());
}

Status remove_index_files(FileSystem& files, const std::string& stem) {
  for (const std::string_view suffix :
       {log_suffix::kOffsetIndex, log_suffix::kTimeIndex, log_suffix::kTransactionIndex}) {
    const Status removed = files.remove(std::string(stem).append(suffix));
    if (!removed.is_ok() && removed.code() != Code::kNotFound) return removed;
  }
  return Status::ok();
}

Status remove_segment_files(FileSystem& files, const std::string& stem) {
  Status status = remove_index_files(files, stem);
  if (status.is_ok()) status = files.remove(std::string(stem).append(log_suffix::kLog));
  return status.code() == Code::kNotFound ? Status::ok() : status;
}

}  // namespace millrace
