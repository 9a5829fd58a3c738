#include "log_directory_impl.h"

#include <utility>

#include "file_io.h"
#include "log_file_names.h"
#include "log_folder.h"
#include "log_loader.h"

namespace millrace {
namespace {

constexpr uint64_t kMarkerBytesMax = 1u << 30;

// Durable on return: a folder that a crash forgets takes all that was acknowledged with it.
Status make_durable_directories(FileSystem& files, const std::string& path) {
  std::vector<std::string> created;
  for (std::string at = path; !files.exists(at); at = parent_directory(at)) {
    created.push_back(parent_directory(at));
    if (at == created.back()) break;
  }
  Status status = files.make_directories(path);
  for (const std::string& parent : created) {
    if (status.is_ok()) status = files.sync_directory(parent);
  }
  return status;
}

}  // namespace

Result<std::shared_ptr<LogDirectory>> LogDirectory::open(FileSystem& files, Clock& clock,
                                                         std::string path,
                                                         const DirectoryOptions& options,
                                                         MovedCallback on_moved) {
  if (Status made = make_durable_directories(files, path); !made.is_ok()) return made;
  Result<std::unique_ptr<DirectoryLock>> lock = files.lock_directory(path);
  if (!lock.is_ok()) return lock.take_status();
  auto directory = std::make_shared<LogDirectoryImpl>(
      DirectoryContext::Parts{files, clock, std::move(path), options, std::move(on_moved)},
      lock.take());
  if (Status started = directory->start(); !started.is_ok()) return started;
  return std::shared_ptr<LogDirectory>(std::move(directory));
}

LogDirectoryImpl::LogDirectoryImpl(DirectoryContext::Parts parts,
                                   std::unique_ptr<DirectoryLock> lock)
    : context_(std::make_shared<DirectoryContext>(std::move(parts))), lock_(std::move(lock)) {}

LogDirectoryImpl::~LogDirectoryImpl() { abandon(); }

Status LogDirectoryImpl::start() {
  flusher_ = std::make_unique<Flusher>(*context_, [this] { return open_partitions(); });
  context_->on_failure([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tell_failure();
  });
  if (Status read = context_->checkpoints.read(); !read.is_ok()) return read;
  if (Status removed = remove_deleted_folders(); !removed.is_ok()) return removed;
  if (Status marker = read_marker(); !marker.is_ok()) return marker;
  // A process that died left files and entries behind that are not on disk: all at once, instead of
  // each when its partition recovers.
  if (!was_clean_) {
    if (Status synced = context_->files.sync_all(context_->path); !synced.is_ok()) return synced;
  }
  if (context_->options.start_thread) flusher_->start();
  return Status::ok();
}

// The marker goes, durably, before anything can change: a crash must not find it.
Status LogDirectoryImpl::read_marker() {
  const std::string path = context_->path + '/' + std::string(kCleanMarkerFile);
  Result<std::vector<uint8_t>> content = read_whole_file(context_->files, path, kMarkerBytesMax);
  if (content.status().code() == Code::kNotFound) return Status::ok();
  if (!content.is_ok()) return content.take_status();
  Result<CleanStates> states = parse_clean_marker(
      {reinterpret_cast<const char*>(content.value().data()), content.value().size()});
  if (states.status().code() == Code::kNewerFormat) return states.take_status();
  if (Status removed = context_->files.remove(path); !removed.is_ok()) return removed;
  if (Status synced = context_->files.sync_directory(context_->path); !synced.is_ok()) {
    return synced;
  }
  if (states.is_ok()) {
    was_clean_ = true;
    clean_states_ = states.take();
  }
  return Status::ok();
}

std::vector<std::string> LogDirectoryImpl::partition_names() const {
  std::vector<std::string> found;
  Result<std::vector<std::string>> names = context_->files.list(context_->path);
  if (!names.is_ok()) return found;
  for (const std::string& name : names.value()) {
    if (is_partition_folder(name)) found.push_back(name);
  }
  return found;
}

Flusher::Partitions LogDirectoryImpl::open_partitions() const {
  const std::lock_guard lock(mutex_);
  Flusher::Partitions partitions;
  partitions.reserve(partitions_.size());
  for (const auto& [name, partition] : partitions_) partitions.push_back(partition);
  return partitions;
}

void LogDirectoryImpl::tell_failure() {
  for (const auto& partition : open_partitions()) context_->moved(*partition);
}

// Partitions load beside one another; who opens one that is loading waits for it.
Result<std::shared_ptr<PartitionLog>> LogDirectoryImpl::open_partition(const std::string& name,
                                                                       const LogConfig& config) {
  if (!is_partition_folder(name)) {
    return Status(Code::kInvalidArgument, '"' + name + "\" is not <topic>-<partition>");
  }
  {
    std::unique_lock lock(mutex_);
    loaded_.wait(lock, [&] { return loading_.count(name) == 0; });
    if (closed_) return Status(Code::kClosed, context_->path + " is closed");
    if (context_->offline()) return context_->offline_reason();
    const auto found = partitions_.find(name);
    if (found != partitions_.end()) return std::shared_ptr<PartitionLog>(found->second);
    loading_.insert(name);
  }
  Result<LoadedLog> loaded = load(name, config);
  Partition partition;
  if (loaded.is_ok()) {
    partition = std::make_shared<PartitionLogImpl>(context_, name, config, loaded.take());
  }
  {
    const std::lock_guard lock(mutex_);
    loading_.erase(name);
    loaded_.notify_all();
    // Without a clean state, what was opened too late is recovered at the next start.
    if (partition) clean_states_.erase(name);
    if (closed_) return Status(Code::kClosed, context_->path + " is closed");
    if (partition) partitions_[name] = partition;
  }
  if (!partition) return loaded.take_status();
  partition->after_open();
  return std::shared_ptr<PartitionLog>(std::move(partition));
}

Result<LoadedLog> LogDirectoryImpl::load(const std::string& name, const LogConfig& config) {
  const std::string folder = context_->path + '/' + name;
  if (!context_->files.exists(folder)) {
    // No checkpoint of an earlier partition of this name may be left when it begins.
    if (Status written = context_->checkpoints.write(); !written.is_ok()) return written;
  }
  if (Status made = context_->files.make_directories(folder); !made.is_ok()) return made;
  const PartitionLogImpl::CleanState* clean = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = clean_states_.find(name);
    if (found != clean_states_.end()) clean = &found->second;
  }
  if (clean != nullptr) {
    Result<LoadedLog> loaded = load_clean(*context_, folder, *clean);
    const Code code = loaded.status().code();
    if (code != Code::kCorruptLog && code != Code::kNotFound) return loaded;
  }
  return recover(name, config, false);
}

Result<LoadedLog> LogDirectoryImpl::recover(const std::string& name, const LogConfig& config,
                                            bool repair) {
  const OffsetCheckpoints::Offsets offsets = context_->checkpoints.of(name);
  LoadOptions options;
  options.recovery_point = offsets.recovery_point;
  options.log_start_offset = offsets.log_start;
  options.allow_gaps = config.compact;
  options.cut_below_recovery_point = repair;
  options.index_interval_bytes = config.index_interval_bytes;
  options.already_synced = !repair && !was_clean_;
  return recover_log(*context_, context_->path + '/' + name, options);
}

Result<RecoveryReport> LogDirectoryImpl::repair_partition(const std::string& name) {
  Partition partition;
  {
    const std::lock_guard lock(mutex_);
    const auto found = partitions_.find(name);
    if (found != partitions_.end()) partition = found->second;
  }
  if (!partition) return Status(Code::kNotFound, name + " is not open");
  if (!partition->quarantined()) return partition->recovery();
  Result<LoadedLog> repaired = recover(name, partition->config(), true);
  if (!repaired.is_ok()) return repaired.take_status();
  const RecoveryReport report = repaired.value().report;
  context_->checkpoints.set(name, {repaired.value().end_offset, repaired.value().log_start_offset});
  if (Status written = context_->checkpoints.write(); !written.is_ok()) return written;
  partition->install(repaired.take());
  return report;
}

Result<uint32_t> LogDirectoryImpl::flush_step() {
  Result<uint32_t> flushed = flusher_->flush_round();
  if (!flushed.is_ok()) return flushed;
  Status chores = flusher_->chores_round();
  if (!chores.is_ok()) return chores;
  return flushed;
}

Status LogDirectoryImpl::flush_all() { return flusher_->flush_everything().take_status(); }

LogDirectory::Statistics LogDirectoryImpl::statistics() const {
  Statistics statistics;
  for (const auto& partition : open_partitions()) partition->add_statistics(statistics);
  const Flusher::Counters counters = flusher_->counters();
  statistics.flushes = counters.flushes;
  statistics.flushed_bytes = counters.flushed_bytes;
  statistics.flush_ns_total = counters.ns_total;
  statistics.flush_ns_last = counters.ns_last;
  statistics.flush_ns_max = counters.ns_max;
  statistics.unwritten_bytes = context_->unwritten_bytes();
  statistics.mapped_bytes += context_->windows.mapped_bytes();
  return statistics;
}

}  // namespace millrace
