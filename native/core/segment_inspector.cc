#include "segment_inspector.h"

#include <algorithm>
#include <array>
#include <utility>

#include "compression.h"

namespace millrace {

namespace {

using namespace batch_format;

// A length beyond this is not a batch's: nothing that large can be appended.
constexpr int32_t kMaxBatchLength = 1 << 30;

bool is_zero(uint8_t byte) { return byte == 0; }

}  // namespace

Result<SegmentInspector> SegmentInspector::open(FileSystem& files, const std::string& path) {
  auto file = files.open(path, OpenMode::kReadOnly);
  if (!file.is_ok()) return file.take_status();
  const auto size = file.value()->size();
  if (!size.is_ok()) return size.status();
  return SegmentInspector(file.take(), size.value());
}

Result<SegmentInspector::Found> SegmentInspector::batch_at(uint64_t position) const {
  if (position >= file_bytes_) return Found{InspectionEnd::kEnd, {}};
  std::array<uint8_t, kHeaderSize> start{};
  const auto read = file_->read_at(start, position);
  if (!read.is_ok()) return read.status();
  const auto got = std::span(start).first(read.value());
  if (std::all_of(got.begin(), got.end(), is_zero)) return Found{InspectionEnd::kZeros, {}};
  if (read.value() < kHeaderSize) return Found{InspectionEnd::kTorn, {}};

  const BatchHeader header = read_batch_header(start);
  const bool sensible = header.length >= static_cast<int32_t>(kHeaderSize - kLogOverhead) &&
                        header.length <= kMaxBatchLength;
  if (!sensible || header.size_bytes() > file_bytes_ - position) {
    return Found{InspectionEnd::kTorn, {}};
  }
  std::vector<uint8_t> bytes(header.size_bytes());
  const auto whole = file_->read_at(bytes, position);
  if (!whole.is_ok()) return whole.status();
  if (whole.value() < bytes.size()) return Found{InspectionEnd::kTorn, {}};
  return Found{InspectionEnd::kMore, std::move(bytes)};
}

Result<Inspection> SegmentInspector::inspect(uint64_t position, size_t max_batches) const {
  Inspection inspection;
  inspection.file_bytes = file_bytes_;
  inspection.next_position = position;
  const ValidateOptions options = {.depth = ValidateDepth::kFull,
                                   .max_batch_bytes = UINT32_MAX,
                                   .max_decompressed_bytes = uint64_t{1} << 30,
                                   .from_client = false,
                                   .require_key = false};
  for (;;) {
    auto found = batch_at(inspection.next_position);
    if (!found.is_ok()) return found.take_status();
    inspection.end = found.value().end;
    if (inspection.end != InspectionEnd::kMore || inspection.batches.size() == max_batches) {
      return inspection;
    }
    const ByteView bytes = found.value().bytes;
    const auto validated = validate_batch(ChunkList({&bytes, 1}), 0, options);
    inspection.batches.push_back(
        {inspection.next_position, read_batch_header(bytes), validated.status()});
    inspection.next_position += bytes.size();
  }
}

Result<std::vector<uint8_t>> SegmentInspector::records(uint64_t position,
                                                       uint64_t max_output_bytes) const {
  auto found = batch_at(position);
  if (!found.is_ok()) return found.take_status();
  if (found.value().end != InspectionEnd::kMore) {
    return Status(Code::kCorruptBatch,
                  file_->path() + ": no whole batch at position " + std::to_string(position));
  }
  const std::vector<uint8_t>& bytes = found.value().bytes;
  const Compression codec = read_batch_header(bytes).compression();
  const ByteView records = ByteView(bytes).subspan(kHeaderSize);
  if (codec == Compression::kNone) return std::vector<uint8_t>(records.begin(), records.end());
  return decompress_all(codec, ChunkList({&records, 1}), max_output_bytes);
}

}  // namespace millrace
