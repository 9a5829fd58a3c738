// LZ4 frames as Kafka's Java client reads and writes them: one frame of independent blocks.
#include <array>
#include <memory>

#include "codec.h"
#include "third_party/lz4/lz4frame.h"

namespace millrace::codec {
namespace {

constexpr std::array<uint8_t, 4> kFrameMagic = {0x04, 0x22, 0x4D, 0x18};
constexpr uint8_t kIndependentBlocksFlag = 0x20;

struct FreeContext {
  void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
using Context = std::unique_ptr<LZ4F_dctx, FreeContext>;

Context make_context() {
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  return Context(context);
}

// Kafka's reader knows neither legacy nor skippable frames nor blocks that depend on each other:
// such a batch, once stored, would stop every Java consumer.
Status check_frame_start(const ChunkList& input) {
  std::array<uint8_t, kFrameMagic.size() + 1> start = {};
  size_t have = 0;
  for (const ByteView& chunk : input.chunks()) {
    for (size_t i = 0; i < chunk.size() && have < start.size(); ++i) start[have++] = chunk[i];
  }
  if (have < start.size()) return corrupt("lz4", "the frame is cut short");
  if (!std::equal(kFrameMagic.begin(), kFrameMagic.end(), start.begin())) {
    return corrupt("lz4", "not an LZ4 frame");
  }
  if ((start.back() & kIndependentBlocksFlag) == 0) {
    return corrupt("lz4", "blocks that depend on each other are not supported");
  }
  return Status::ok();
}

// One chunk; `more_expected` becomes 0 when the frame ends.
Status decompress_chunk(LZ4F_dctx* context, ByteView chunk, Output& output, size_t& more_expected) {
  const MutableBytes buffer = thread_output_buffer();
  bool output_was_full = false;
  while (!chunk.empty() || output_was_full) {
    if (more_expected == 0) return corrupt("lz4", "bytes after the end of the frame");
    size_t consumed = chunk.size();
    size_t produced = buffer.size();
    more_expected =
        LZ4F_decompress(context, buffer.data(), &produced, chunk.data(), &consumed, nullptr);
    if (LZ4F_isError(more_expected) != 0) {
      return corrupt("lz4", LZ4F_getErrorName(more_expected));
    }
    if (!output.write(buffer.first(produced))) return output.status();
    chunk = chunk.subspan(consumed);
    output_was_full = produced == buffer.size() && more_expected != 0;
    if (consumed == 0 && produced == 0 && !chunk.empty()) return corrupt("lz4", "no progress");
  }
  return Status::ok();
}

}  // namespace

Status lz4_decompress(const ChunkList& input, Output& output) {
  Status status = check_frame_start(input);
  if (!status.is_ok()) return status;
  thread_local const Context context = make_context();
  if (!context) return corrupt("lz4", "out of memory");
  LZ4F_resetDecompressionContext(context.get());
  size_t more_expected = 1;
  for (const ByteView& chunk : input.chunks()) {
    status = decompress_chunk(context.get(), chunk, output, more_expected);
    if (!status.is_ok()) return status;
  }
  return more_expected == 0 ? Status::ok() : corrupt("lz4", "the frame is cut short");
}

// Kafka's level 9 is its default and means the fast compressor (KIP-780); the others are those of
// LZ4's high-compression mode.
Result<std::vector<uint8_t>> lz4_compress(ByteView input, int level) {
  constexpr int kKafkaDefaultLevel = 9;
  LZ4F_preferences_t preferences = {};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.compressionLevel =
      level == kKafkaDefaultLevel ? 0 : std::clamp(level, 0, LZ4F_compressionLevel_max());
  std::vector<uint8_t> result(LZ4F_compressFrameBound(input.size(), &preferences));
  const size_t size =
      LZ4F_compressFrame(result.data(), result.size(), input.data(), input.size(), &preferences);
  if (LZ4F_isError(size) != 0) return corrupt("lz4", LZ4F_getErrorName(size));
  result.resize(size);
  return result;
}

}  // namespace millrace::codec
