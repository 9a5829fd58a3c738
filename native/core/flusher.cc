#include "flusher.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace millrace {
namespace {

// Above this many dirty files one syncfs is faster than an fdatasync each (measured: 4 files 0.9 ms
// one by one, 5 to 16 files 0.5 to 0.7 ms together).
constexpr size_t kSyncEachMax = 2;
// After a round over many files the next one waits so many times as long as that took, and no
// longer than that: it then covers more of them at nearly the same cost.
constexpr int kGatherFactor = 2;
constexpr std::chrono::milliseconds kGatherMax(1);
// How much recovery may have to scan beyond its checkpoint, as time.
constexpr int64_t kCheckpointIntervalNs = 5'000'000'000;
// How long the disk rests after space was prepared, as a multiple of what that took.
constexpr int kRestFactor = 3;
constexpr std::chrono::milliseconds kRestMin(1);
constexpr std::chrono::milliseconds kRestMax(20);

}  // namespace

void Flusher::start() {
  flush_thread_ = std::thread([this] { flush_loop(); });
  chores_thread_ = std::thread([this] { chores_loop(); });
}

void Flusher::stop() {
  context_.flushes.stop();
  context_.chores.stop();
  if (flush_thread_.joinable()) flush_thread_.join();
  if (chores_thread_.joinable()) chores_thread_.join();
}

void Flusher::flush_loop() {
  const std::chrono::milliseconds interval(context_.options.flush_interval_ms);
  while (context_.flushes.wait()) {
    if (context_.options.flush == FlushPolicy::kInterval && !context_.flushes.pause(interval)) {
      return;
    }
    const int64_t began_ns = context_.clock.monotonic_ns();
    if (!flush_round().is_ok()) return;
    if (context_.options.flush != FlushPolicy::kGroup || !synced_together_) continue;
    const std::chrono::nanoseconds took(context_.clock.monotonic_ns() - began_ns);
    const auto gather = std::min<std::chrono::nanoseconds>(took * kGatherFactor, kGatherMax);
    if (!context_.flushes.pause(gather)) return;
  }
}

// Space prepared ahead competes with acknowledgements for the disk, and partitions of the same rate
// want it at the same time: unless one runs short, the disk rests in between. (syncfs also writes
// whatever inode has a new extent: 1,000 at once delayed it by 70 ms.)
void Flusher::chores_loop() {
  while (context_.chores.wait()) {
    const int64_t began_ns = context_.clock.monotonic_ns();
    const Result<PartitionLogImpl::ChoresDone> done = [this] {
      const std::lock_guard round(chores_mutex_);
      return next_chores();
    }();
    if (!done.is_ok()) return;
    if (done.value() != PartitionLogImpl::ChoresDone::kPrepared) continue;
    const std::chrono::nanoseconds took(context_.clock.monotonic_ns() - began_ns);
    const auto rest = std::clamp<std::chrono::nanoseconds>(took * kRestFactor, kRestMin, kRestMax);
    if (!context_.chores.pause(rest)) return;
  }
}

Result<uint32_t> Flusher::flush_round() {
  const std::lock_guard round(flush_mutex_);
  const bool over_half = context_.wants_sync();
  Partitions partitions = context_.flushes.take_all();
  if (over_half && context_.options.flush == FlushPolicy::kOs) partitions = all_partitions_();
  return flush(partitions, over_half || context_.options.flush != FlushPolicy::kOs);
}

Result<uint32_t> Flusher::flush_everything() {
  const std::lock_guard round(flush_mutex_);
  context_.flushes.take_all();
  return flush(all_partitions_(), true);
}

Result<uint32_t> Flusher::flush(const Partitions& partitions, bool include_active) {
  if (context_.offline()) return context_.offline_reason();
  const int64_t began_ns = context_.clock.monotonic_ns();
  std::vector<Job> jobs;
  uint64_t bytes = 0;
  for (const auto& partition : partitions) {
    Job job = {partition, {}};
    if (!partition->begin_flush(job.ticket, include_active)) continue;
    bytes += job.ticket.bytes;
    jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return 0u;
  Result<uint32_t> advanced = sync(jobs);
  if (!advanced.is_ok()) {
    context_.fail(advanced.status());
    return context_.offline_reason();
  }
  count(bytes, began_ns);
  return advanced;
}

// Each partition is acknowledged as soon as it is synced.
Result<uint32_t> Flusher::sync(const std::vector<Job>& jobs) {
  size_t files = 0;
  for (const Job& job : jobs) files += job.ticket.items.size();
  const bool together = files > kSyncEachMax;
  synced_together_ = together;
  if (together) {
    if (Status synced = context_.files.sync_all(context_.path); !synced.is_ok()) return synced;
  }
  uint32_t advanced = 0;
  for (const Job& job : jobs) {
    if (!together) {
      if (Status synced = sync_one(job); !synced.is_ok()) return synced;
    }
    advanced += job.partition->finish_flush(job.ticket) ? 1 : 0;
  }
  return advanced;
}

// The entries in the directories last: until then a crash finds the partition as it was.
Status Flusher::sync_one(const Job& job) {
  bool entries_synced = true;
  for (const FlushTicket::Item& item : job.ticket.items) {
    Result<std::shared_ptr<File>> file = item.segment->file();
    if (!file.is_ok()) return file.take_status();
    if (Status synced = file.value()->sync_data(); !synced.is_ok()) return synced;
    entries_synced = entries_synced && item.entry_synced;
  }
  if (!entries_synced) {
    Status synced = context_.files.sync_directory(job.partition->directory());
    if (!synced.is_ok()) return synced;
  }
  if (job.ticket.directory_entry_synced) return Status::ok();
  return context_.files.sync_directory(context_.path);
}

void Flusher::count(uint64_t bytes, int64_t began_ns) {
  const auto took = static_cast<uint64_t>(context_.clock.monotonic_ns() - began_ns);
  const std::lock_guard lock(counters_mutex_);
  ++counters_.flushes;
  counters_.flushed_bytes += bytes;
  counters_.ns_total += took;
  counters_.ns_last = took;
  counters_.ns_max = std::max(counters_.ns_max, took);
}

Flusher::Counters Flusher::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

// A full disk stops no acknowledgement that needs none of it: what could not be written stays due.
Status Flusher::fail_unless_full(const Status& status) {
  if (status.is_ok() || status.code() == Code::kNoSpace) return Status::ok();
  context_.fail(status);
  return context_.offline_reason();
}

Status Flusher::chores_round() {
  const std::lock_guard round(chores_mutex_);
  for (size_t due = context_.chores.size(); due > 0; --due) {
    if (Result<PartitionLogImpl::ChoresDone> done = next_chores(); !done.is_ok()) {
      return done.take_status();
    }
  }
  return write_checkpoints_if_due();
}

Result<PartitionLogImpl::ChoresDone> Flusher::next_chores() {
  using Done = PartitionLogImpl::ChoresDone;
  const std::shared_ptr<PartitionLogImpl> partition = context_.chores.take_first();
  if (!partition) return Done::kLittle;
  if (context_.offline()) return context_.offline_reason();
  Result<Done> done = partition->run_chores();
  Status status = fail_unless_full(done.status());
  if (status.is_ok()) status = write_checkpoints_if_due();
  if (!status.is_ok()) return status;
  return done.is_ok() ? done : Done::kLittle;
}

Status Flusher::write_checkpoints_if_due() {
  const int64_t now_ns = context_.clock.monotonic_ns();
  if (now_ns - checkpoints_written_ns_ < kCheckpointIntervalNs) return Status::ok();
  if (!context_.take_checkpoints_changed()) return Status::ok();
  checkpoints_written_ns_ = now_ns;
  Status status = write_checkpoints();
  if (!status.is_ok()) context_.checkpoints_changed();
  return fail_unless_full(status);
}

// The epoch files of many partitions are synced at once, before the checkpoint that relies on them.
Status Flusher::write_checkpoints() {
  const Partitions partitions = all_partitions_();
  const auto changed = std::count_if(partitions.begin(), partitions.end(),
                                     [](const auto& item) { return item->epochs_changed(); });
  if (static_cast<size_t>(changed) > kSyncEachMax) {
    for (const auto& partition : partitions) {
      Status written = partition->write_changed_epochs(Durability::kNone);
      if (!written.is_ok()) return written;
    }
    if (Status synced = context_.files.sync_all(context_.path); !synced.is_ok()) return synced;
  }
  for (const auto& partition : partitions) {
    Status updated = partition->update_checkpoint(Durability::kEntry);
    if (!updated.is_ok()) return updated;
  }
  return context_.checkpoints.write();
}

}  // namespace millrace
