// Zstandard frames (RFC 8878), with or without their content size; several may follow each other.
#include <memory>

#include "codec.h"
#include "third_party/zstd/zstd.h"

namespace millrace::codec {
namespace {

// A context that a large window made larger than this is not kept for the thread.
constexpr size_t kContextBytesKept = 16u << 20;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using DecompressionContext = std::unique_ptr<ZSTD_DCtx, FreeContext>;

Status decompress_stream(ZSTD_DCtx* context, const ChunkList& input, Output& output) {
  const MutableBytes buffer = thread_output_buffer();
  size_t more_expected = 1;
  for (const ByteView& chunk : input.chunks()) {
    ZSTD_inBuffer in = {chunk.data(), chunk.size(), 0};
    bool output_was_full = false;
    while (in.pos < in.size || output_was_full) {
      ZSTD_outBuffer out = {buffer.data(), buffer.size(), 0};
      more_expected = ZSTD_decompressStream(context, &out, &in);
      if (ZSTD_isError(more_expected) != 0) {
        return corrupt("zstd", ZSTD_getErrorName(more_expected));
      }
      if (!output.write(buffer.first(out.pos))) return output.status();
      output_was_full = out.pos == out.size && more_expected != 0;
    }
  }
  return more_expected == 0 ? Status::ok() : corrupt("zstd", "the frame is cut short");
}

}  // namespace

// The window (at most 128 MiB, zstd's own limit) is reserved at once and becomes memory only as far
// as output fills it, which the cap on output bounds.
Status zstd_decompress(const ChunkList& input, Output& output) {
  thread_local DecompressionContext context;
  if (!context) context.reset(ZSTD_createDCtx());
  if (!context) return corrupt("zstd", "out of memory");
  ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
  Status status = decompress_stream(context.get(), input, output);
  if (ZSTD_sizeof_DCtx(context.get()) > kContextBytesKept) context.reset();
  return status;
}

Result<std::vector<uint8_t>> zstd_compress(ByteView input, int level) {
  const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  if (!context) return corrupt("zstd", "out of memory");
  std::vector<uint8_t> result(ZSTD_compressBound(input.size()));
  const int zstd_level =
      level == 0 ? ZSTD_CLEVEL_DEFAULT : std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
  const size_t size = ZSTD_compressCCtx(context.get(), result.data(), result.size(), input.data(),
                                        input.size(), zstd_level);
  if (ZSTD_isError(size) != 0) return corrupt("zstd", ZSTD_getErrorName(size));
  result.resize(size);
  return result;
}

}  // namespace millrace::codec
