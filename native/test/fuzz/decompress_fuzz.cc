// The decompressors on arbitrary bytes: the first byte chooses the codec, the second where the
// input is cut. Never more output than the cap, and the same answer for one chunk as for several.
#include <cstdlib>
#include <vector>

#include "compression.h"

namespace millrace {
namespace {

constexpr uint64_t kCap = 1u << 20;

void check(ByteView input) {
  if (input.size() < 2) return;
  const auto codec = static_cast<Compression>(input[0] % 6);  // one that does not exist too
  const size_t step = 1 + input[1];
  const ByteView stored = input.subspan(2);
  const auto whole = decompress_all(codec, ChunkList({&stored, 1}), kCap);
  std::vector<ByteView> chunks;
  for (size_t at = 0; at < stored.size(); at += step) {
    chunks.push_back(stored.subspan(at, std::min(step, stored.size() - at)));
  }
  const auto pieces = decompress_all(codec, ChunkList(chunks), kCap);
  if (whole.status().code() != pieces.status().code()) std::abort();
  if (!whole.is_ok()) return;
  if (whole.value() != pieces.value() || whole.value().size() > kCap) std::abort();
}

}  // namespace
}  // namespace millrace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::check({data, size});
  return 0;
}
