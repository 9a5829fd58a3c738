// LogAppendTime and the topic's own compression, end to end.
#include "batch_rewrite.h"

#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class BatchRewriteTest : public ::testing::Test {
 protected:
  // Appends `spec` under `config` and returns what stands in the log.
  Bytes stored(const BatchSpec& spec, const LogConfig& config) {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap), config);
    const auto result = append_bytes(*opened.log, build_batch(spec));
    EXPECT_TRUE(result.is_ok()) << result.status().context();
    if (result.is_ok()) appended_ = result.value();
    return read_all(*opened.log, 0);
  }
  static void expect_valid(const Bytes& batch) {
    const ByteView chunks[] = {batch};
    ValidateOptions options;
    options.from_client = false;
    const auto checked = validate_batch(ChunkList(chunks), 0, options);
    EXPECT_TRUE(checked.is_ok()) << checked.status().context();
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  AppendResult appended_;
};

TEST_F(BatchRewriteTest, StampsTheHeaderWithTheTimeOfAppend) {
  LogConfig config;
  config.timestamp_type = TimestampType::kLogAppendTime;
  const Bytes batch = stored(tagged_batch(3, 20, "value"), config);
  expect_valid(batch);
  const BatchHeader header = read_batch_header(batch);
  EXPECT_TRUE(header.is_log_append_time());
  EXPECT_EQ(header.max_timestamp, clock_.wall_ms());
  EXPECT_EQ(appended_.log_append_time_ms, clock_.wall_ms());
}

TEST_F(BatchRewriteTest, LeavesTheBatchAloneWhereItCan) {
  LogConfig config;
  config.compression = static_cast<int>(Compression::kLz4);
  BatchSpec spec = tagged_batch(3, 20, "value");
  spec.compression = Compression::kLz4;
  EXPECT_EQ(stored(spec, config), stored_form(build_batch(spec), 0, 0));
  EXPECT_EQ(appended_.log_append_time_ms, -1);
}

TEST_F(BatchRewriteTest, RecompressesFromAnyCodecToAny) {
  for (int from = 0; from <= 4; ++from) {
    for (int to = 0; to <= 4; ++to) {
      SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to));
      BatchSpec spec = tagged_batch(20, 100, "value");
      spec.compression = static_cast<Compression>(from);
      const Bytes source = build_batch(spec);
      const ByteView chunks[] = {source};
      RewriteOptions options;
      options.compression = static_cast<Compression>(to);
      const auto rewritten =
          rewrite_batch(ChunkList(chunks), read_batch_header(ByteView(source)), options);
      ASSERT_TRUE(rewritten.is_ok()) << rewritten.status().context();
      expect_valid(rewritten.value());
      EXPECT_EQ(read_batch_header(rewritten.value()).compression(), options.compression);
      const ByteView records[] = {ByteView(rewritten.value()).subspan(batch_format::kHeaderSize)};
      Bytes plain(records[0].begin(), records[0].end());
      if (to != 0) {
        plain = decompress_all(options.compression, ChunkList(records), 1u << 20).take();
      }
      EXPECT_EQ(plain, build_records(spec.records));
    }
  }
}

}  // namespace
}  // namespace millrace
