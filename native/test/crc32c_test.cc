#include "crc32c.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <random>
#include <string_view>
#include <vector>

#include "crc32c_hardware.h"

namespace millrace {
namespace {

std::vector<uint8_t> random_bytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
  return bytes;
}

ByteView view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// RFC 3720, appendix B.4.
TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  std::array<uint8_t, 32> bytes = {};
  EXPECT_EQ(crc32c(0, bytes), 0x8A9136AAu);
  EXPECT_EQ(crc32c_table(0, bytes), 0x8A9136AAu);
  bytes.fill(0xFF);
  EXPECT_EQ(crc32c(0, bytes), 0x62A8AB43u);
  EXPECT_EQ(crc32c_table(0, bytes), 0x62A8AB43u);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  EXPECT_EQ(crc32c(0, bytes), 0x46DD794Eu);
  EXPECT_EQ(crc32c_table(0, bytes), 0x46DD794Eu);
  std::iota(bytes.rbegin(), bytes.rend(), uint8_t{0});
  EXPECT_EQ(crc32c(0, bytes), 0x113FDB5Cu);
  EXPECT_EQ(crc32c_table(0, bytes), 0x113FDB5Cu);
  const std::array<uint8_t, 48> iscsi_read = {
      0x01, 0xC0, 0, 0,    0, 0, 0, 0,    0,    0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0,
      0,    0,    0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0,    0};
  EXPECT_EQ(crc32c(0, iscsi_read), 0xD9963A56u);
}

TEST(Crc32c, AgreesWithTheCheckValue) { EXPECT_EQ(crc32c(0, view("123456789")), 0xE3069283u); }

TEST(Crc32c, OfNothingIsWhatWentBefore) {
  EXPECT_EQ(crc32c(0, ByteView()), 0u);
  EXPECT_EQ(crc32c(0x12345678, ByteView()), 0x12345678u);
}

TEST(Crc32c, HardwareAndTableAgreeForEveryLengthAndAlignment) {
  if (!has_crc32c_hardware()) GTEST_SKIP() << "this machine has no such instruction";
  const std::vector<uint8_t> bytes = random_bytes(32 * 1024, 1);
  const ByteView all(bytes);
  for (size_t length = 0; length < 900; ++length) {
    const ByteView part = all.subspan(length % 17, length);
    ASSERT_EQ(crc32c_hardware(7, part), crc32c_table(7, part)) << length;
  }
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    const size_t from = random() % 64;
    const ByteView part = all.subspan(from, random() % (bytes.size() - from));
    const auto crc = static_cast<uint32_t>(random());
    ASSERT_EQ(crc32c_hardware(crc, part), crc32c_table(crc, part)) << part.size();
  }
}

TEST(Crc32c, OfChunksIsThatOfTheJoinedBytes) {
  const std::vector<uint8_t> bytes = random_bytes(5000, 3);
  const ByteView all(bytes);
  std::mt19937 random(4);
  for (int round = 0; round < 200; ++round) {
    std::vector<ByteView> pieces;
    for (size_t at = 0; at < all.size();) {
      const size_t size = std::min<size_t>(random() % 700, all.size() - at);
      pieces.push_back(all.subspan(at, size));  // empty chunks too
      at += size;
    }
    const size_t from = random() % all.size();
    const size_t length = random() % (all.size() - from);
    ASSERT_EQ(crc32c(ChunkList(pieces), from, length), crc32c(0, all.subspan(from, length)));
  }
}

}  // namespace
}  // namespace millrace
