#include "compression.h"

#include <gtest/gtest.h>

#include <random>

#include "batch_builder.h"
#include "third_party/snappy/snappy.h"

namespace millrace {
namespace {

using testing::Bytes;

constexpr Compression kCodecs[] = {Compression::kNone, Compression::kGzip, Compression::kSnappy,
                                   Compression::kLz4, Compression::kZstd};
constexpr uint64_t kPlenty = 64u << 20;

Bytes mixed_bytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size);
  size_t at = 0;
  while (at < size) {  // runs and noise in turn, so that every codec has matches and literals
    const bool noise = random() % 2 == 0;
    const auto letter = static_cast<uint8_t>(random());
    for (size_t left = random() % 2000; left > 0 && at < size; --left) {
      bytes[at++] = noise ? static_cast<uint8_t>(random()) : letter;
    }
  }
  return bytes;
}

Result<Bytes> decode(Compression codec, ByteView stored, uint64_t cap = kPlenty) {
  return decompress_all(codec, ChunkList({&stored, 1}), cap);
}

Bytes encode(Compression codec, const Bytes& plain, int level = 0) {
  return compress(codec, plain, level).take();
}

Bytes raw_snappy(const Bytes& plain) {
  std::string stored;
  snappy::Compress(reinterpret_cast<const char*>(plain.data()), plain.size(), &stored);
  return {stored.begin(), stored.end()};
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(Compression, RoundTripsEverySize) {
  for (const Compression codec : kCodecs) {
    for (const size_t size : {0u, 1u, 100u, 32768u, 65536u, 65537u, 3000000u}) {
      const Bytes plain = mixed_bytes(size, 1);
      const Result<Bytes> result = decode(codec, encode(codec, plain));
      ASSERT_TRUE(result.is_ok()) << result.status().context();
      EXPECT_EQ(result.value(), plain) << static_cast<int>(codec) << " " << size;
    }
  }
}

TEST(Compression, RoundTripsEveryLevelEvenAnImpossibleOne) {
  const Bytes plain = mixed_bytes(50000, 2);
  for (const Compression codec : kCodecs) {
    for (const int level : {-1000, -1, 1, 6, 9, 12, 19, 1000}) {
      const Result<Bytes> result = decode(codec, encode(codec, plain, level));
      ASSERT_TRUE(result.is_ok()) << result.status().context();
      EXPECT_EQ(result.value(), plain);
    }
  }
}

TEST(Compression, DecodesWhateverTheChunkBorders) {
  const Bytes plain = mixed_bytes(300000, 3);
  std::mt19937 random(4);
  for (const Compression codec : kCodecs) {
    const Bytes stored = encode(codec, plain);
    for (int round = 0; round < 20; ++round) {
      std::vector<ByteView> chunks;
      const size_t longest = round == 0 ? 1 : 1 + random() % 70000;
      for (size_t at = 0; at < stored.size();) {
        const size_t size = std::min(stored.size() - at, 1 + random() % longest);
        chunks.push_back(ByteView(stored).subspan(at, size));
        if (random() % 4 == 0) chunks.emplace_back();
        at += size;
      }
      const Result<Bytes> result = decompress_all(codec, ChunkList(chunks), kPlenty);
      ASSERT_TRUE(result.is_ok()) << result.status().context();
      ASSERT_EQ(result.value(), plain);
    }
  }
}

TEST(Compression, CapsTheOutputExactly) {
  const Bytes plain(1u << 20, 'x');
  for (const Compression codec : kCodecs) {
    const Bytes stored = encode(codec, plain);
    EXPECT_TRUE(decode(codec, stored, plain.size()).is_ok()) << static_cast<int>(codec);
    const Result<Bytes> over = decode(codec, stored, plain.size() - 1);
    EXPECT_EQ(over.status().code(), Code::kTooLarge) << static_cast<int>(codec);
  }
}

TEST(Compression, StopsWhenTheSinkHasEnough) {
  class StoppingSink final : public OutputSink {
   public:
    bool write(ByteView) override { return ++pieces < 2; }
    int pieces = 0;
  };
  const Bytes plain(1u << 20, 'x');
  for (const Compression codec :
       {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    const Bytes stored = encode(codec, plain);
    const ByteView view(stored);
    const ByteView chunks[] = {view.first(view.size() / 2), view.subspan(view.size() / 2)};
    StoppingSink sink;
    EXPECT_TRUE(decompress(codec, ChunkList(chunks), kPlenty, sink).is_ok());
    EXPECT_EQ(sink.pieces, 2) << static_cast<int>(codec);
  }
}

TEST(Compression, RefusesACutStreamAtEveryByte) {
  const Bytes plain = mixed_bytes(3000, 5);
  for (const Compression codec : {Compression::kGzip, Compression::kLz4, Compression::kZstd}) {
    const Bytes stored = encode(codec, plain);
    for (size_t size = 0; size < stored.size(); ++size) {
      const Result<Bytes> result = decode(codec, ByteView(stored).first(size));
      ASSERT_EQ(result.status().code(), Code::kUndecodable) << static_cast<int>(codec) << size;
    }
  }
}

TEST(Compression, RefusesWhatFollowsTheStream) {
  for (const Compression codec :
       {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    const Bytes stored = joined(encode(codec, mixed_bytes(100, 6)), {1, 2, 3});
    EXPECT_EQ(decode(codec, stored).status().code(), Code::kUndecodable) << static_cast<int>(codec);
  }
}

TEST(Compression, DecodesSeveralGzipMembers) {
  const Bytes first = mixed_bytes(1000, 7), second = mixed_bytes(200000, 8);
  const Bytes stored =
      joined(encode(Compression::kGzip, first), encode(Compression::kGzip, second));
  EXPECT_EQ(decode(Compression::kGzip, stored).value(), joined(first, second));
}

TEST(Compression, RefusesAnUnknownCodec) {
  const Bytes bytes(10, 0);
  EXPECT_EQ(decode(static_cast<Compression>(5), bytes).status().code(),
            Code::kUnsupportedCompression);
}

TEST(Snappy, DecodesTheRawFraming) {
  const Bytes plain = mixed_bytes(200000, 9);
  EXPECT_EQ(decode(Compression::kSnappy, raw_snappy(plain)).value(), plain);
}

TEST(Snappy, WritesTheXerialFraming) {
  const Bytes stored = encode(Compression::kSnappy, mixed_bytes(100, 10));
  const Bytes start = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ(Bytes(stored.begin(), stored.begin() + 16), start);
}

TEST(Snappy, DecodesXerialStreamsOneBehindTheOther) {
  const Bytes first = mixed_bytes(40000, 11), second = mixed_bytes(100, 12);
  const Bytes stored =
      joined(encode(Compression::kSnappy, first), encode(Compression::kSnappy, second));
  EXPECT_EQ(decode(Compression::kSnappy, stored).value(), joined(first, second));
}

TEST(Snappy, RefusesXerialBlocksWhoseLengthLies) {
  const Bytes stored = encode(Compression::kSnappy, mixed_bytes(100, 13));
  for (const int32_t length : {0, -1, 1, 1000, INT32_MAX, INT32_MIN}) {
    Bytes lying = stored;
    testing::overwrite(lying, 16, length);
    EXPECT_EQ(decode(Compression::kSnappy, lying).status().code(), Code::kUndecodable) << length;
  }
  for (size_t size = 8; size < stored.size(); ++size) {
    if (size == 16) continue;  // a header alone is an empty stream
    const Result<Bytes> cut = decode(Compression::kSnappy, ByteView(stored).first(size));
    EXPECT_EQ(cut.status().code(), Code::kUndecodable) << size;
  }
}

// The first bytes of a raw block say how long it will be: nothing is allocated on their word alone.
TEST(Snappy, RefusesABlockThatPromisesMoreThanItsBytesCanHold) {
  const Bytes promise = {0x80, 0x80, 0x80, 0x10, 0x00, 'x'};  // 32 MiB
  EXPECT_EQ(decode(Compression::kSnappy, promise).status().code(), Code::kUndecodable);
}

TEST(Lz4, RefusesBlocksThatDependOnEachOther) {
  Bytes stored = encode(Compression::kLz4, mixed_bytes(100, 14));
  stored[4] &= static_cast<uint8_t>(~0x20);
  EXPECT_EQ(decode(Compression::kLz4, stored).status().code(), Code::kUndecodable);
}

}  // namespace
}  // namespace millrace
