// What the hot path costs before the copy: validation with CRC and walk, and the CRC alone, on one
// core. Numbers only; nothing is asserted.
#include <chrono>
#include <cstdio>

#include "batch.h"
#include "batch_builder.h"
#include "crc32c.h"

namespace millrace::testing {
namespace {

constexpr double kSeconds = 0.5;

template <typename Work>
double runs_per_second(Work work) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double elapsed = 0;
  uint64_t runs = 0;
  while (elapsed < kSeconds) {
    for (int i = 0; i < 16; ++i) work();
    runs += 16;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return static_cast<double>(runs) / elapsed;
}

void report(int records, size_t value_bytes, Compression compression, size_t chunk_bytes) {
  BatchSpec spec = plain_batch(records, value_bytes);
  spec.compression = compression;
  const Bytes batch = build_batch(spec);
  std::vector<ByteView> chunks;
  for (size_t at = 0; at < batch.size(); at += chunk_bytes) {
    chunks.push_back(ByteView(batch).subspan(at, std::min(chunk_bytes, batch.size() - at)));
  }
  const ChunkList list(chunks);
  bool valid = true;
  const double checked =
      runs_per_second([&] { valid = valid && validate_batch(list, 0, ValidateOptions()).is_ok(); });
  uint32_t crc = 0;
  const double summed = runs_per_second([&] { crc ^= crc32c(list, 0, batch.size()); });
  const double megabytes = static_cast<double>(batch.size()) / 1e6;
  std::printf(
      "%6d x %6zu B codec %d %8zu B: validate %8.0f MB/s %7.2f M records/s, crc %6.0f MB/s%s\n",
      records, value_bytes, static_cast<int>(compression), batch.size(), checked * megabytes,
      checked * records / 1e6, summed * megabytes, valid ? "" : " INVALID");
}

}  // namespace
}  // namespace millrace::testing

int main() {
  using millrace::Compression;
  using millrace::testing::report;
  constexpr size_t kSocketChunk = 64u << 10;
  for (const int records : {1, 10, 100, 9000}) {
    report(records, 100, Compression::kNone, kSocketChunk);
  }
  report(160, 100, Compression::kNone, kSocketChunk);
  report(1000, 1024, Compression::kNone, kSocketChunk);
  report(10, 100000, Compression::kNone, kSocketChunk);
  for (const auto codec :
       {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    report(1000, 1024, codec, kSocketChunk);
  }
}
