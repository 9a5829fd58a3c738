// What retention deletes, and what it must not.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class RetentionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.retention_ms = -1;
    config_.segment_ms = INT64_MAX;
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap), config_);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  // One segment of ten records, stamped `age_ms` ago.
  void segment(int64_t age_ms = 0) {
    BatchSpec spec = tagged_batch(10, 100, "value");
    spec.base_timestamp = clock_.wall_ms() - age_ms - 9;
    ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
    ASSERT_TRUE(log_->roll().is_ok());
  }
  void flush() { ASSERT_TRUE(directory_->flush_step().is_ok()); }
  uint32_t enforce() {
    log_->configure(config_);
    const auto deleted = log_->enforce_retention();
    EXPECT_TRUE(deleted.is_ok()) << deleted.status().context();
    return deleted.is_ok() ? deleted.value() : 0;
  }
  bool exists(const std::string& name) { return files_.exists("/data/topic-0/" + name); }

  SimulatedFileSystem files_;
  ManualClock clock_;
  LogConfig config_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_F(RetentionTest, DeletesBySizeFromTheOldestOn) {
  for (int i = 0; i < 4; ++i) segment();
  flush();
  const int64_t each = static_cast<int64_t>(log_->state().size_bytes / 4);
  config_.retention_bytes = 2 * each;
  EXPECT_EQ(enforce(), 2u);
  EXPECT_EQ(log_->state().log_start_offset, 20);
  EXPECT_EQ(log_->state().size_bytes, static_cast<uint64_t>(2 * each));
  for (const char* suffix : {".log", ".index", ".timeindex"}) {
    EXPECT_FALSE(exists(std::string("00000000000000000000") + suffix));
    EXPECT_TRUE(exists(std::string("00000000000000000020") + suffix));
  }
  EXPECT_FALSE(exists("00000000000000000010.snapshot"));
  EXPECT_TRUE(exists("00000000000000000020.snapshot"));
  EXPECT_EQ(log_->read({.offset = 19}).status().code(), Code::kOffsetOutOfRange);
  // One byte more than the segment would leave is kept.
  config_.retention_bytes = each + 1;
  EXPECT_EQ(enforce(), 0u);
}

TEST_F(RetentionTest, DeletesByTheNewestTimestampOfASegment) {
  segment(5000);
  segment(1000);
  flush();
  config_.retention_ms = 5000;
  EXPECT_EQ(enforce(), 0u);
  config_.retention_ms = 4999;
  EXPECT_EQ(enforce(), 1u);
  clock_.advance_ms(4000);
  EXPECT_EQ(enforce(), 1u);
  EXPECT_EQ(log_->state().log_start_offset, 20);
  EXPECT_EQ(log_->state().segments, 1u);
}

TEST_F(RetentionTest, ATimestampInTheFutureKeepsWhatIsBehindIt) {
  config_.timestamp_after_max_ms = INT64_MAX;
  log_->configure(config_);
  segment(-1'000'000);
  segment(5000);
  flush();
  config_.retention_ms = 1000;
  EXPECT_EQ(enforce(), 0u);
  clock_.advance_ms(1'002'000);
  EXPECT_EQ(enforce(), 2u);
}

TEST_F(RetentionTest, DeletesNothingAboveTheHighWatermark) {
  segment(5000);
  config_.retention_ms = 1;
  EXPECT_EQ(enforce(), 0u);
  flush();
  EXPECT_EQ(enforce(), 1u);
}

TEST_F(RetentionTest, AnExpiredActiveSegmentRollsAndGoes) {
  BatchSpec spec = tagged_batch(3, 10, "old");
  spec.base_timestamp = clock_.wall_ms() - 10'000;
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  flush();
  config_.retention_ms = 1000;
  EXPECT_EQ(enforce(), 1u);
  const LogState state = log_->state();
  EXPECT_EQ(state.log_start_offset, 3);
  EXPECT_EQ(state.log_end_offset, 3);
  EXPECT_EQ(state.size_bytes, 0u);
  EXPECT_TRUE(exists("00000000000000000003.log"));
  // And the log goes on from there, also after a crash.
  directory_->abandon();
  ASSERT_TRUE(files_.crash(1).is_ok());
  OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap), config_);
  EXPECT_EQ(opened.log->state().log_end_offset, 3);
}

TEST_F(RetentionTest, RollsByTime) {
  ASSERT_TRUE(append_bytes(*log_, build_batch(tagged_batch(1, 10, "a"))).is_ok());
  config_.segment_ms = 1000;
  EXPECT_EQ(enforce(), 0u);
  EXPECT_EQ(log_->state().segments, 1u);
  clock_.advance_ms(1001);
  EXPECT_EQ(enforce(), 0u);
  EXPECT_EQ(log_->state().segments, 2u);
  clock_.advance_ms(1001);
  EXPECT_EQ(enforce(), 0u);
  EXPECT_EQ(log_->state().segments, 2u) << "an empty segment has nothing to roll";
}

TEST_F(RetentionTest, AnAppendRollsByItsTimestamp) {
  config_.segment_ms = 1000;
  config_.timestamp_after_max_ms = INT64_MAX;
  log_->configure(config_);
  BatchSpec spec = tagged_batch(1, 10, "a");
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  spec.base_timestamp += 1000;
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  EXPECT_EQ(log_->state().segments, 1u);
  spec.base_timestamp += 1;
  ASSERT_TRUE(append_bytes(*log_, build_batch(spec)).is_ok());
  EXPECT_EQ(log_->state().segments, 2u);
}

TEST_F(RetentionTest, DeleteRecordsMovesTheStartAndLetsSegmentsGo) {
  for (int i = 0; i < 3; ++i) segment();
  EXPECT_EQ(log_->delete_records(1).code(), Code::kOffsetOutOfRange) << "not durable yet";
  flush();
  ASSERT_TRUE(log_->delete_records(15).is_ok());
  EXPECT_EQ(log_->state().log_start_offset, 15);
  EXPECT_EQ(enforce(), 1u);
  EXPECT_EQ(log_->state().log_start_offset, 15);
  EXPECT_FALSE(exists("00000000000000000000.log"));
  ASSERT_TRUE(log_->delete_records(10).is_ok());
  EXPECT_EQ(log_->state().log_start_offset, 15) << "it never moves back";
  EXPECT_EQ(log_->delete_records(31).code(), Code::kOffsetOutOfRange);
  clock_.advance_ms(10'000);
  flush();
  directory_->abandon();
  ASSERT_TRUE(files_.crash(2).is_ok());
  OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap), config_);
  EXPECT_EQ(opened.log->state().log_start_offset, 15);
}

TEST_F(RetentionTest, AReaderKeepsWhatItHolds) {
  segment(5000);
  flush();
  const auto slice = log_->read({.offset = 0, .may_block = true});
  ASSERT_TRUE(slice.is_ok());
  const Bytes before(slice.value().data, slice.value().data + slice.value().size_bytes);
  config_.retention_ms = 1;
  EXPECT_EQ(enforce(), 1u);
  EXPECT_EQ(Bytes(slice.value().data, slice.value().data + slice.value().size_bytes), before);
}

}  // namespace
}  // namespace millrace
