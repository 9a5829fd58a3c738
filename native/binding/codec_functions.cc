// Checksums and codecs, for tools and tests.
#include "compression.h"
#include "convert.h"
#include "crc32c.h"
#include "functions.h"

namespace millrace::binding {

namespace {

std::span<const ByteView> bytes_argument(const Napi::CallbackInfo& info, size_t index) {
  const auto views = Environment::of(info).byte_views(info.Env(), info[index]);
  if (!views) throw Napi::TypeError::New(info.Env(), "bytes must be Uint8Array or Uint8Array[]");
  return *views;
}

Compression codec_argument(const Napi::CallbackInfo& info) {
  return static_cast<Compression>(uint32_argument(info, 0));
}

Napi::Value bytes_or_throw(const Napi::CallbackInfo& info, Result<std::vector<uint8_t>> bytes) {
  if (!bytes.is_ok()) throw to_error(info.Env(), bytes.status(), {});
  return from_bytes(info.Env(), bytes.take());
}

// crc32c(Uint8Array | Uint8Array[]): number
Napi::Value crc32c_of(const Napi::CallbackInfo& info) {
  const ChunkList chunks(bytes_argument(info, 0));
  return Napi::Number::New(info.Env(), crc32c(chunks, 0, chunks.size_bytes()));
}

// compress(codec, Uint8Array, level): ArrayBuffer
Napi::Value compress_bytes(const Napi::CallbackInfo& info) {
  const auto views = bytes_argument(info, 1);
  const ByteView input = views.empty() ? ByteView() : views.front();
  return bytes_or_throw(info, compress(codec_argument(info), input, int32_argument(info, 2)));
}

// decompress(codec, Uint8Array | Uint8Array[], maxOutputBytes): ArrayBuffer
Napi::Value decompress_bytes(const Napi::CallbackInfo& info) {
  const auto max_output_bytes = static_cast<uint64_t>(int64_argument(info, 2));
  return bytes_or_throw(info, decompress_all(codec_argument(info),
                                             ChunkList(bytes_argument(info, 1)), max_output_bytes));
}

}  // namespace

void export_codec_functions(Napi::Object exports, Environment& environment) {
  export_verb<crc32c_of>(exports, "crc32c", environment);
  export_verb<compress_bytes>(exports, "compress", environment);
  export_verb<decompress_bytes>(exports, "decompress", environment);
}

}  // namespace millrace::binding
