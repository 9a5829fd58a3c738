// Reads: borders of batches, windows, limits, cold pages; offsets by time and by epoch.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "posix_file_system.h"
#include "simulated_file_system.h"
#include "system_clock.h"

namespace millrace {
namespace {

using namespace testing;

class LogReadTest : public ::testing::TestWithParam<WriteMode> {
 protected:
  void open(const LogConfig& config = {}) {
    OpenLog opened = open_log(files_, clock_, manual_options(GetParam()), config);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  // The stored size.
  size_t append(int count, size_t value_bytes) {
    const Bytes batch = build_batch(tagged_batch(count, value_bytes, "value"));
    const auto result = append_bytes(*log_, batch);
    EXPECT_TRUE(result.is_ok()) << result.status().context();
    return batch.size();
  }
  ReadSlice read(int64_t offset, size_t max_bytes = 1u << 20, int64_t limit = INT64_MAX) {
    ReadOptions options;
    options.offset = offset;
    options.max_bytes = max_bytes;
    options.limit_offset = limit;
    options.may_block = true;
    auto slice = log_->read(options);
    EXPECT_TRUE(slice.is_ok()) << slice.status().context();
    return slice.is_ok() ? slice.take() : ReadSlice();
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_P(LogReadTest, ReturnsWholeBatchesUpToTheLimitOfBytes) {
  open();
  const size_t first = append(3, 10);
  const size_t second = append(3, 10);
  append(3, 10);
  EXPECT_EQ(read(0, first).size_bytes, first);
  EXPECT_EQ(read(0, first + second - 1).size_bytes, first);
  EXPECT_EQ(read(0, first + second).size_bytes, first + second);
  EXPECT_EQ(read(0, 1).size_bytes, first) << "at least one";
  ReadOptions options;
  options.max_bytes = first - 1;
  options.at_least_one = false;
  EXPECT_EQ(log_->read(options).value().size_bytes, 0u);
}

TEST_P(LogReadTest, ReturnsTheWholeBatchAroundAnOffset) {
  open();
  append(3, 10);
  const size_t second = append(3, 10);
  const ReadSlice slice = read(4, 1);
  EXPECT_EQ(slice.size_bytes, second);
  EXPECT_EQ(read_batch_header(ByteView(slice.data, slice.size_bytes)).base_offset, 3);
}

TEST_P(LogReadTest, StopsAtTheLimitOffset) {
  open();
  const size_t first = append(3, 10);
  append(3, 10);
  ASSERT_TRUE(directory_->flush_step().is_ok());
  append(3, 10);
  EXPECT_EQ(read(0, 1u << 20, 3).size_bytes, first);
  EXPECT_EQ(read(3, 1u << 20, 3).size_bytes, 0u);
  EXPECT_EQ(read(7, 1u << 20, 6).size_bytes, 0u) << "between the limit and the end";
  const ReadSlice durable = read(0, 1u << 20, log_->state().high_watermark);
  EXPECT_EQ(durable.state.high_watermark, 6);
  EXPECT_LT(durable.size_bytes, log_->state().size_bytes);
}

TEST_P(LogReadTest, AnswersOutOfRangeOutsideTheLog) {
  open();
  append(3, 10);
  EXPECT_EQ(log_->read({.offset = 4}).status().code(), Code::kOffsetOutOfRange);
  EXPECT_EQ(log_->read({.offset = -1}).status().code(), Code::kOffsetOutOfRange);
  EXPECT_EQ(read(3).size_bytes, 0u);
}

TEST_P(LogReadTest, FindsEveryOffsetThroughTheIndexes) {
  LogConfig config;
  config.index_interval_bytes = 300;
  config.segment_bytes = 10'000;
  open(config);
  for (int i = 0; i < 100; ++i) append(1 + i % 4, 50);
  for (int round = 0; round < 2; ++round) {
    const int64_t end = log_->state().log_end_offset;
    for (int64_t offset = 0; offset < end; ++offset) {
      const ReadSlice slice = read(offset, 1);
      const BatchHeader header = read_batch_header(ByteView(slice.data, slice.size_bytes));
      ASSERT_LE(header.base_offset, offset);
      ASSERT_GE(header.last_offset(), offset);
    }
    ASSERT_TRUE(directory_->flush_step().is_ok());  // now from sealed indexes
  }
}

TEST_P(LogReadTest, NeedsNoRightIndexToReadRight) {
  LogConfig config;
  config.index_interval_bytes = 300;
  open(config);
  for (int i = 0; i < 50; ++i) append(2, 50);
  const Bytes expected = read_all(*log_, 0);
  ASSERT_TRUE(log_->roll().is_ok());
  ASSERT_TRUE(directory_->close().is_ok());
  // Entries that rise, as they should, and point between batches.
  const std::string path = "/data/topic-0/00000000000000000000.index";
  auto file = files_.open(path, OpenMode::kReadWrite).take();
  const uint64_t size = file->size().value();
  for (uint64_t at = 4; at < size; at += 8) {
    Bytes position(4);
    ASSERT_TRUE(file->read_at(position, at).is_ok());
    ++position[3];
    const ByteView chunks[] = {position};
    ASSERT_TRUE(file->write_at(chunks, at).is_ok());
  }
  open(config);
  EXPECT_TRUE(log_->recovery().was_clean);
  for (const int64_t offset : {90, 0, 40}) {
    const ReadSlice slice = read(offset, 1);
    EXPECT_EQ(read_batch_header(ByteView(slice.data, slice.size_bytes)).base_offset, offset);
  }
  EXPECT_EQ(read_all(*log_, 0), expected);
}

TEST_P(LogReadTest, CopiesABatchThatCrossesAWindow) {
  LogConfig config;
  config.max_message_bytes = 8u << 20;
  open(config);
  constexpr size_t kValue = 5u << 20;
  for (int i = 0; i < 8; ++i) append(1, kValue);
  bool copied = false;
  for (int64_t offset = 0; offset < 8; ++offset) {
    const ReadSlice slice = read(offset, 1);
    ASSERT_GT(slice.size_bytes, kValue);
    copied = copied || slice.mapping == nullptr;
    const ByteView batch(slice.data, slice.size_bytes);
    const ByteView chunks[] = {batch};
    ValidateOptions validation;
    validation.from_client = false;
    validation.max_batch_bytes = 8u << 20;
    EXPECT_TRUE(validate_batch(ChunkList(chunks), 0, validation).is_ok());
    EXPECT_EQ(read_batch_header(batch).base_offset, offset);
    if (slice.mapping) {
      EXPECT_LE(slice.window_offset + slice.size_bytes, slice.mapping->size_bytes());
      EXPECT_EQ(slice.mapping->data() + slice.window_offset, slice.data);
      EXPECT_LE(slice.mapping->size_bytes(), 16u << 20);
    }
  }
  EXPECT_TRUE(copied);
}

TEST_P(LogReadTest, FindsOffsetsByTimeInCompressedBatchesToo) {
  open();
  BatchSpec spec = tagged_batch(10, 30, "value");
  spec.base_timestamp = 1000;
  spec.compression = Compression::kZstd;
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  spec.base_timestamp = 2000;
  spec.compression = Compression::kNone;
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  EXPECT_EQ(log_->offset_for_timestamp(0).value().offset, 0);
  EXPECT_EQ(log_->offset_for_timestamp(1003).value().offset, 3);
  EXPECT_EQ(log_->offset_for_timestamp(1003).value().timestamp_ms, 1003);
  EXPECT_EQ(log_->offset_for_timestamp(1010).value().offset, 10);
  EXPECT_EQ(log_->offset_for_timestamp(2009).value().offset, 19);
  EXPECT_EQ(log_->offset_for_timestamp(2010).value().offset, -1);
  EXPECT_EQ(log_->max_timestamp().value().offset, 19);
  EXPECT_EQ(log_->max_timestamp().value().timestamp_ms, 2009);
}

TEST_P(LogReadTest, AnEmptyLogHasNoTimes) {
  open();
  EXPECT_EQ(log_->offset_for_timestamp(0).value().offset, -1);
  EXPECT_EQ(log_->max_timestamp().value().offset, -1);
}

TEST_P(LogReadTest, AnswersWhereEpochsEnd) {
  open();
  append(2, 10);
  ASSERT_TRUE(log_->set_leader_epoch(3).is_ok());
  append(2, 10);
  ASSERT_TRUE(log_->set_leader_epoch(5).is_ok());
  append(2, 10);
  EXPECT_EQ(log_->end_offset_for_epoch(0).end_offset, 2);
  EXPECT_EQ(log_->end_offset_for_epoch(1).leader_epoch, 0);
  EXPECT_EQ(log_->end_offset_for_epoch(3).end_offset, 4);
  EXPECT_EQ(log_->end_offset_for_epoch(4).leader_epoch, 3);
  EXPECT_EQ(log_->end_offset_for_epoch(5).end_offset, 6);
  EXPECT_EQ(log_->end_offset_for_epoch(6).end_offset, -1);
  EXPECT_EQ(log_->set_leader_epoch(4).code(), Code::kFencedLeaderEpoch);
  AppendOptions options;
  options.leader_epoch = 4;
  const Bytes batch = build_batch(tagged_batch(1, 1, "x"));
  EXPECT_EQ(append_bytes(*log_, batch, options).status().code(), Code::kFencedLeaderEpoch);
  options.leader_epoch = 6;
  EXPECT_EQ(append_bytes(*log_, batch, options).status().code(), Code::kUnknownLeaderEpoch);
  options.leader_epoch = 5;
  EXPECT_TRUE(append_bytes(*log_, batch, options).is_ok());
}

TEST_P(LogReadTest, AFollowerKeepsOffsetsAndEpochsOfTheLeader) {
  open();
  const AppendOptions replica = {AppendOrigin::kReplica, -1};
  Bytes fetched;
  for (const auto& [offset, epoch] : {std::pair{100, 1}, {102, 1}, {104, 2}}) {
    const Bytes batch = stored_form(build_batch(tagged_batch(2, 10, "value")), offset, epoch);
    fetched.insert(fetched.end(), batch.begin(), batch.end());
  }
  ASSERT_TRUE(log_->truncate_fully_and_start_at(100).is_ok());
  const auto result = append_bytes(*log_, fetched, replica);
  ASSERT_TRUE(result.is_ok()) << result.status().context();
  EXPECT_EQ(result.value().base_offset, 100);
  EXPECT_EQ(result.value().last_offset, 105);
  EXPECT_EQ(read_all(*log_, 100), fetched);
  EXPECT_EQ(log_->state().leader_epoch, 2);
  EXPECT_EQ(log_->end_offset_for_epoch(1).end_offset, 104);
  EXPECT_EQ(append_bytes(*log_, fetched, replica).status().code(), Code::kOffsetOutOfRange);
  const Bytes older = stored_form(build_batch(tagged_batch(2, 10, "value")), 106, 1);
  EXPECT_EQ(append_bytes(*log_, older, replica).status().code(), Code::kFencedLeaderEpoch);
}

INSTANTIATE_TEST_SUITE_P(WriteModes, LogReadTest,
                         ::testing::Values(WriteMode::kMmap, WriteMode::kPwrite),
                         [](const auto& info) {
                           return info.param == WriteMode::kMmap ? "Mmap" : "Pwrite";
                         });

}  // namespace
}  // namespace millrace
