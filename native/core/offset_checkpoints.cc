#include "offset_checkpoints.h"

#include <utility>

#include "file_io.h"

namespace millrace {
namespace {

constexpr std::string_view kRecoveryPoints = "recovery-point-offset-checkpoint";
constexpr std::string_view kLogStarts = "log-start-offset-checkpoint";
constexpr std::string_view kHighWatermarks = "replication-offset-checkpoint";
constexpr uint64_t kFileBytesMax = 256u << 20;

int64_t offset_or_zero(const OffsetCheckpoint& offsets, const std::string& partition) {
  const auto found = offsets.find(partition);
  return found == offsets.end() ? 0 : found->second;
}

bool assign(OffsetCheckpoint& offsets, const std::string& partition, int64_t offset) {
  const auto [item, added] = offsets.try_emplace(partition, offset);
  return added || std::exchange(item->second, offset) != offset;
}

}  // namespace

Result<OffsetCheckpoint> OffsetCheckpoints::read_file(std::string_view name) {
  Result<std::vector<uint8_t>> content =
      read_whole_file(files_, directory_ + '/' + std::string(name), kFileBytesMax);
  if (content.status().code() == Code::kNotFound) return OffsetCheckpoint();
  if (!content.is_ok()) return content.take_status();
  Result<OffsetCheckpoint> parsed = parse_offset_checkpoint(
      {reinterpret_cast<const char*>(content.value().data()), content.value().size()});
  return parsed.is_ok() ? parsed.take() : OffsetCheckpoint();
}

Status OffsetCheckpoints::read() {
  Result<OffsetCheckpoint> recovery_points = read_file(kRecoveryPoints);
  if (!recovery_points.is_ok()) return recovery_points.take_status();
  Result<OffsetCheckpoint> log_starts = read_file(kLogStarts);
  if (!log_starts.is_ok()) return log_starts.take_status();
  Result<OffsetCheckpoint> high_watermarks = read_file(kHighWatermarks);
  if (!high_watermarks.is_ok()) return high_watermarks.take_status();
  const std::lock_guard lock(mutex_);
  recovery_points_ = recovery_points.take();
  log_starts_ = log_starts.take();
  high_watermarks_ = high_watermarks.take();
  return Status::ok();
}

OffsetCheckpoints::Offsets OffsetCheckpoints::of(const std::string& partition) const {
  const std::lock_guard lock(mutex_);
  return {offset_or_zero(recovery_points_, partition), offset_or_zero(log_starts_, partition),
          offset_or_zero(high_watermarks_, partition)};
}

void OffsetCheckpoints::set(const std::string& partition, const Offsets& offsets) {
  const std::lock_guard lock(mutex_);
  recovery_points_changed_ |= assign(recovery_points_, partition, offsets.recovery_point);
  // Kafka leaves out what begins at 0.
  if (offsets.log_start > 0 || log_starts_.count(partition) > 0) {
    log_starts_changed_ |= assign(log_starts_, partition, offsets.log_start);
  }
  if (offsets.high_watermark > 0 || high_watermarks_.count(partition) > 0) {
    high_watermarks_changed_ |= assign(high_watermarks_, partition, offsets.high_watermark);
  }
}

void OffsetCheckpoints::forget(const std::string& partition) {
  const std::lock_guard lock(mutex_);
  recovery_points_changed_ |= recovery_points_.erase(partition) > 0;
  log_starts_changed_ |= log_starts_.erase(partition) > 0;
  high_watermarks_changed_ |= high_watermarks_.erase(partition) > 0;
}

Status OffsetCheckpoints::write() {
  const std::lock_guard writing(write_mutex_);
  std::string recovery_points;
  std::string log_starts;
  std::string high_watermarks;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(recovery_points_changed_, false)) {
      recovery_points = serialize_offset_checkpoint(recovery_points_);
    }
    if (std::exchange(log_starts_changed_, false)) {
      log_starts = serialize_offset_checkpoint(log_starts_);
    }
    if (std::exchange(high_watermarks_changed_, false)) {
      high_watermarks = serialize_offset_checkpoint(high_watermarks_);
    }
  }
  Status status = write_file(kLogStarts, log_starts);
  if (status.is_ok()) status = write_file(kRecoveryPoints, recovery_points);
  if (status.is_ok()) status = write_file(kHighWatermarks, high_watermarks);
  if (!status.is_ok()) {
    const std::lock_guard lock(mutex_);
    // Only what was to be written: on a full disk a file that nobody needs takes the last room.
    log_starts_changed_ |= !log_starts.empty();
    recovery_points_changed_ |= !recovery_points.empty();
    high_watermarks_changed_ |= !high_watermarks.empty();
  }
  return status;
}

Status OffsetCheckpoints::write_file(std::string_view name, const std::string& text) {
  if (text.empty()) return Status::ok();
  return replace_file(files_, directory_ + '/' + std::string(name), bytes_of(text),
                      Durability::kEntry);
}

}  // namespace millrace
