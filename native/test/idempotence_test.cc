// Sequence numbers of idempotent producers, by Kafka's rules.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class IdempotenceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap));
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  Result<AppendResult> produce(int32_t sequence, int count = 1, int16_t epoch = 0,
                               int64_t producer_id = 1) {
    BatchSpec spec = tagged_batch(count, 10, "value");
    spec.producer_id = producer_id;
    spec.producer_epoch = epoch;
    spec.base_sequence = sequence;
    return append_bytes(*log_, build_batch(spec));
  }
  void expect_code(Result<AppendResult> result, Code code) {
    EXPECT_EQ(result.status().code(), code) << result.status().context();
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_F(IdempotenceTest, ReturnsTheFirstOffsetsOfEachOfTheLastFiveBatches) {
  for (int i = 0; i < 6; ++i) expect_code(produce(i * 2, 2), Code::kOk);
  for (int i = 1; i < 6; ++i) {
    const auto again = produce(i * 2, 2);
    ASSERT_TRUE(again.is_ok());
    EXPECT_TRUE(again.value().duplicate);
    EXPECT_EQ(again.value().base_offset, i * 2);
    EXPECT_EQ(again.value().last_offset, i * 2 + 1);
  }
  expect_code(produce(0, 2), Code::kOutOfOrderSequence);
  EXPECT_EQ(log_->state().log_end_offset, 12);
}

TEST_F(IdempotenceTest, RefusesAGap) {
  expect_code(produce(0), Code::kOk);
  expect_code(produce(2), Code::kOutOfOrderSequence);
  expect_code(produce(1), Code::kOk);
}

TEST_F(IdempotenceTest, RefusesAnOverlap) {
  expect_code(produce(0, 3), Code::kOk);
  expect_code(produce(1, 3), Code::kOutOfOrderSequence);
  expect_code(produce(0, 2), Code::kOutOfOrderSequence);
}

TEST_F(IdempotenceTest, AcceptsAnUnknownProducerAtAnySequence) {
  expect_code(produce(1000), Code::kOk);
  expect_code(produce(1001), Code::kOk);
}

TEST_F(IdempotenceTest, WrapsFromTheLargestSequenceToZero) {
  expect_code(produce(INT32_MAX - 1, 2), Code::kOk);
  expect_code(produce(0), Code::kOk);
}

TEST_F(IdempotenceTest, WrapsWithinABatch) {
  expect_code(produce(INT32_MAX - 1, 4), Code::kOk);
  const auto again = produce(INT32_MAX - 1, 4);
  ASSERT_TRUE(again.is_ok());
  EXPECT_TRUE(again.value().duplicate);
  expect_code(produce(2), Code::kOk);
}

TEST_F(IdempotenceTest, ANewEpochBeginsAtZero) {
  expect_code(produce(0), Code::kOk);
  expect_code(produce(5, 1, 1), Code::kOutOfOrderSequence);
  expect_code(produce(0, 1, 1), Code::kOk);
  expect_code(produce(1, 1, 1), Code::kOk);
}

TEST_F(IdempotenceTest, AnOldEpochIsFenced) {
  expect_code(produce(0, 1, 3), Code::kOk);
  expect_code(produce(1, 1, 2), Code::kInvalidProducerEpoch);
}

TEST_F(IdempotenceTest, ProducersDoNotDisturbEachOther) {
  expect_code(produce(0, 1, 0, 1), Code::kOk);
  expect_code(produce(0, 1, 0, 2), Code::kOk);
  expect_code(produce(1, 1, 0, 1), Code::kOk);
}

TEST_F(IdempotenceTest, ASilentProducerIsForgotten) {
  expect_code(produce(0), Code::kOk);
  LogConfig config;
  config.producer_expiry_ms = 1000;
  config.retention_ms = -1;
  log_->configure(config);
  clock_.advance_ms(999);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  EXPECT_EQ(log_->producers().size(), 1u);
  clock_.advance_ms(1001);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  EXPECT_EQ(log_->producers().size(), 0u);
}

// An old log file comes in with the timestamps of its lines.
TEST_F(IdempotenceTest, AProducerOfOldTimestampsIsRememberedAsLongAsAnyOther) {
  LogConfig config;
  config.producer_expiry_ms = 1000;
  config.retention_ms = -1;
  log_->configure(config);
  clock_.advance_ms(1'000'000);
  expect_code(produce(0), Code::kOk);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  const auto again = produce(0);
  ASSERT_TRUE(again.is_ok());
  EXPECT_TRUE(again.value().duplicate);
  clock_.advance_ms(600);
  expect_code(produce(1), Code::kOk);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  clock_.advance_ms(600);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  EXPECT_EQ(log_->producers().size(), 1u);
  clock_.advance_ms(400);
  ASSERT_TRUE(log_->enforce_retention().is_ok());
  EXPECT_EQ(log_->producers().size(), 0u);
}

TEST_F(IdempotenceTest, AFailedAppendLeavesNoTrace) {
  files_.set_capacity(100);
  expect_code(produce(0), Code::kNoSpace);
  EXPECT_TRUE(log_->producers().empty());
  files_.set_capacity(UINT64_MAX);
  expect_code(produce(0), Code::kOk);
  EXPECT_FALSE(directory_->offline());
}

}  // namespace
}  // namespace millrace
