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

Segment::~Segment() { context_.windows.drop(id); }

std::string Segment::log_path() const { return std::string(stem).append(log_suffix::kLog); }

Result<File*> Segment::file() {
  if (File* const opened = opened_.load(std::memory_order_acquire)) return opened;
  const std::lock_guard lock(file_mutex_);
  if (!file_) {
    Result<std::unique_ptr<File>> opened = context_.files.open(log_path(), OpenMode::kReadWrite);
    if (!opened.is_ok()) return opened.take_status();
    file_ = opened.take();
    opened_.store(file_.get(), std::memory_order_release);
  }
  return file_.get();
}

Status Segment::create_file() {
  const std::lock_guard lock(file_mutex_);
  if (file_exists()) return Status::ok();
  Result<std::unique_ptr<File>> created = context_.files.open(log_path(), OpenMode::kCreate);
  if (!created.is_ok()) return created.take_status();
  file_ = created.take();
  opened_.store(file_.get(), std::memory_order_release);
  file_exists_.store(true, std::memory_order_release);
  return Status::ok();
}

Result<std::shared_ptr<const SegmentIndexes>> Segment::sealed_indexes(uint64_t log_bytes) {
  const std::lock_guard lock(indexes_mutex_);
  if (sealed_) return sealed_;
  Result<std::shared_ptr<SegmentIndexes>> read =
      read_indexes(context_.files, stem, base_offset, log_bytes);
  if (read.is_ok()) {
    sealed_ = read.take();
    return sealed_;
  }
  Result<File*> opened = file();
  if (!opened.is_ok()) return opened.take_status();
  Result<std::shared_ptr<SegmentIndexes>> rebuilt =
      rebuild_indexes(*opened.value(), base_offset, log_bytes);
  if (!rebuilt.is_ok()) return rebuilt.take_status();
  rebuilt.value()->seal();
  sealed_ = rebuilt.take();
  return sealed_;
}

void Segment::set_sealed_indexes(std::shared_ptr<const SegmentIndexes> indexes) {
  const std::lock_guard lock(indexes_mutex_);
  sealed_ = std::move(indexes);
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
