#include "segment.h"

#include <string>
#include <utility>

#include "log_file_names.h"
#include "segment_scan.h"

namespace millrace {
namespace {

constexpr uint32_t kRebuildIndexInterval = 4096;

class IndexBuilder final : public BatchConsumer {
 public:
  explicit IndexBuilder(SegmentIndexes& indexes) : indexes_(indexes) {}
  void on_batch(const BatchHeader& header, uint64_t position, ByteView) override {
    indexes_.on_batch(header, position, kRebuildIndexInterval);
  }

 private:
  SegmentIndexes& indexes_;
};

}  // namespace

Segment::Segment(DirectoryContext& context, const std::string& directory, int64_t base)
    : base_offset(base),
      id(context.next_segment_id()),
      stem(directory + '/' + log_file_name(base, "")),
      context_(context) {}

Segment::~Segment() {
  context_.windows.drop(id);
  context_.indexes.drop(id);
}

std::string Segment::log_path() const { return std::string(stem).append(log_suffix::kLog); }

Result<std::shared_ptr<File>> Segment::file() {
  const std::lock_guard lock(file_mutex_);
  if (!file_) {
    Result<std::unique_ptr<File>> opened = context_.files.open(log_path(), OpenMode::kReadWrite);
    if (!opened.is_ok()) return opened.take_status();
    file_ = opened.take();
  }
  return file_;
}

void Segment::release_file() {
  const std::lock_guard lock(file_mutex_);
  file_.reset();
}

Status Segment::create_file() {
  const std::lock_guard lock(file_mutex_);
  if (file_exists()) return Status::ok();
  Result<std::unique_ptr<File>> created = context_.files.open(log_path(), OpenMode::kCreate);
  if (!created.is_ok()) return created.take_status();
  file_ = created.take();
  file_exists_.store(true, std::memory_order_release);
  return Status::ok();
}

std::shared_ptr<const SegmentIndexes> Segment::cached_indexes() {
  const std::unique_lock lock(indexes_mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return nullptr;
  auto cached = sealed_.lock();
  if (cached) context_.indexes.touch(id, cached);
  return cached;
}

Result<std::shared_ptr<const SegmentIndexes>> Segment::sealed_indexes(uint64_t log_bytes) {
  const std::lock_guard lock(indexes_mutex_);
  if (auto cached = sealed_.lock()) {
    context_.indexes.touch(id, cached);
    return cached;
  }
  Result<std::shared_ptr<SegmentIndexes>> read =
      read_indexes(context_.files, stem, base_offset, log_bytes);
  if (!read.is_ok()) return rebuild_locked(log_bytes);
  return keep_locked(read.take());
}

Result<std::shared_ptr<const SegmentIndexes>> Segment::rebuild_sealed_indexes(uint64_t log_bytes) {
  const std::lock_guard lock(indexes_mutex_);
  return rebuild_locked(log_bytes);
}

Result<std::shared_ptr<const SegmentIndexes>> Segment::rebuild_locked(uint64_t log_bytes) {
  Result<std::shared_ptr<File>> opened = file();
  if (!opened.is_ok()) return opened.take_status();
  Result<std::shared_ptr<SegmentIndexes>> rebuilt =
      rebuild_indexes(*opened.value(), base_offset, log_bytes);
  if (!rebuilt.is_ok()) return rebuilt.take_status();
  // The batches alone do not say which transactions were aborted: those have a file of their own.
  Result<TransactionIndex> transactions = read_transaction_index(context_.files, stem);
  if (!transactions.is_ok()) return transactions.take_status();
  rebuilt.value()->transactions = transactions.take();
  rebuilt.value()->seal();
  return keep_locked(rebuilt.take());
}

std::shared_ptr<const SegmentIndexes> Segment::keep_locked(
    std::shared_ptr<const SegmentIndexes> indexes) {
  sealed_ = indexes;
  context_.indexes.touch(id, indexes);
  return indexes;
}

void Segment::set_sealed_indexes(std::shared_ptr<const SegmentIndexes> indexes) {
  const std::lock_guard lock(indexes_mutex_);
  keep_locked(std::move(indexes));
}

Result<std::shared_ptr<SegmentIndexes>> rebuild_indexes(File& file, int64_t base_offset,
                                                        uint64_t log_bytes) {
  auto indexes = std::make_shared<SegmentIndexes>(base_offset);
  if (log_bytes == 0) return indexes;
  Result<std::shared_ptr<Mapping>> mapping = file.map(0, log_bytes, MapAccess::kRead);
  if (!mapping.is_ok()) return mapping.take_status();
  IndexBuilder builder(*indexes);
  SegmentScanOptions options;
  options.next_offset = base_offset;
  options.check_crc = false;
  options.allow_gaps = true;
  const SegmentScanEnd end = scan_segment({mapping.value()->data(), log_bytes}, options, builder);
  if (mapping.value()->failed()) return Status(Code::kIoError, "read " + file.path());
  if (end.position != log_bytes) {
    return Status(Code::kCorruptLog,
                  file.path() + ": " + end.reason + " at position " + std::to_string(end.position));
  }
  return indexes;
}

}  // namespace millrace
