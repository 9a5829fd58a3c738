// The batch checks on arbitrary bytes: no crash, no unbounded memory, and the same verdict wherever
// the chunk borders fall. The first bytes of an input choose the borders and the options; the CRC
// is made right half of the time, since no mutation would ever hit it.
#include <cstdlib>
#include <vector>

#include "batch.h"
#include "batch_builder.h"
#include "record.h"

namespace millrace {
namespace {

constexpr size_t kControlBytes = 8;

ValidateOptions options_of(uint8_t choice) {
  ValidateOptions options;
  options.from_client = (choice & 1) != 0;
  options.require_key = (choice & 2) != 0;
  options.max_decompressed_bytes = 1u << 20;
  return options;
}

// Pieces of pseudo-random sizes; each is a copy of its own, so that ASan sees a read past its end.
std::vector<testing::Bytes> cut(ByteView bytes, uint32_t state) {
  std::vector<testing::Bytes> pieces;
  while (!bytes.empty()) {
    state = state * 1664525 + 1013904223;
    const size_t size = std::min<size_t>(bytes.size(), (state >> 16) % (1 + (state >> 28) * 40));
    pieces.emplace_back(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    bytes = bytes.subspan(size);
  }
  return pieces;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// Whatever the checks let through can be iterated to its end.
void iterate(const testing::Bytes& batch) {
  const BatchHeader header = read_batch_header(batch);
  if (header.compression() != Compression::kNone) return;
  const size_t length = header.size_bytes() - batch_format::kHeaderSize;
  RecordIterator records(ByteView(batch).subspan(batch_format::kHeaderSize, length));
  RecordView record;
  int32_t count = 0;
  while (records.next(record)) {
    RecordHeaderIterator headers = record.headers();
    RecordHeader one;
    while (headers.next(one)) require(one.key.size() <= record.body.size());
    ++count;
  }
  require(records.fault() == RecordFault::kNone && count == header.records_count);
}

void check(ByteView input) {
  if (input.size() < kControlBytes) return;
  const ValidateOptions options = options_of(input[0]);
  const uint32_t seed = input[1] | static_cast<uint32_t>(input[2]) << 8;
  const bool seal_crc = (input[0] & 4) != 0;
  testing::Bytes batch(input.begin() + kControlBytes, input.end());
  if (seal_crc && batch.size() >= batch_format::kHeaderSize) {
    testing::overwrite(batch, batch_format::kLength,
                       static_cast<int32_t>(batch.size() - batch_format::kLogOverhead));
    testing::seal(batch);
  }
  const ByteView whole(batch);
  const Result<BatchHeader> expected = validate_batch(ChunkList({&whole, 1}), 0, options);
  const std::vector<testing::Bytes> pieces = cut(whole, seed);
  const std::vector<ByteView> views(pieces.begin(), pieces.end());
  const Result<BatchHeader> actual = validate_batch(ChunkList(views), 0, options);
  require(expected.is_ok() == actual.is_ok());
  // Which of several faults of a compressed stream is met first depends on the pieces it comes in:
  // a bad record, or the checksum behind it.
  const bool compressed = batch.size() >= batch_format::kHeaderSize &&
                          read_batch_header(batch).compression() != Compression::kNone;
  if (!compressed) {
    require(expected.status().code() == actual.status().code());
    require(expected.status().record_index() == actual.status().record_index());
    require(expected.status().context() == actual.status().context());
  }
  if (expected.is_ok()) iterate(batch);
  require(validate_batches(ChunkList(views), options).is_ok() || !options.from_client ||
          !expected.is_ok() || expected.value().size_bytes() < batch.size());
}

}  // namespace
}  // namespace millrace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::check({data, size});
  return 0;
}
