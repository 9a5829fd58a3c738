// Disks that fail, fill up and lie.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class LogFailureTest : public ::testing::TestWithParam<WriteMode> {
 protected:
  void SetUp() override { open(FlushPolicy::kGroup); }
  void open(FlushPolicy flush) {
    DirectoryOptions options = manual_options(GetParam(), flush);
    options.first_extent_bytes = 4096;
    options.max_extent_bytes = 16384;
    OpenLog opened = open_log(files_, clock_, options);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  Status append(size_t value_bytes = 10) {
    return append_bytes(*log_, build_batch(tagged_batch(1, value_bytes, "value"))).take_status();
  }

  // The next such call fails.
  void fail(SimulatedOperation operation, Code code = Code::kIoError) {
    files_.fail({operation, 1, code, {}});
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_P(LogFailureTest, AFailedSyncIsFinalAndAcknowledgesNothing) {
  ASSERT_TRUE(append().is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  ASSERT_TRUE(append().is_ok());
  fail(SimulatedOperation::kSyncData);
  EXPECT_EQ(directory_->flush_step().status().code(), Code::kOffline);
  EXPECT_TRUE(directory_->offline());
  EXPECT_TRUE(log_->state().offline);
  // The disk would say yes now; nobody asks it again.
  const uint64_t syncs = files_.counters().of(SimulatedOperation::kSyncData);
  EXPECT_EQ(directory_->flush_step().status().code(), Code::kOffline);
  EXPECT_EQ(directory_->flush_all().code(), Code::kOffline);
  EXPECT_EQ(files_.counters().of(SimulatedOperation::kSyncData), syncs);
  EXPECT_EQ(log_->state().durable_offset, 1);
  EXPECT_EQ(append().code(), Code::kOffline);
  EXPECT_EQ(log_->read({}).status().code(), Code::kOffline);
  EXPECT_EQ(directory_->close().code(), Code::kOffline);
}

TEST_P(LogFailureTest, AFailureTellsEveryPartition) {
  directory_->abandon();
  std::vector<std::string> moved;
  auto directory = LogDirectory::open(files_, clock_, "/data", manual_options(GetParam()),
                                      [&moved](PartitionLog& log) { moved.push_back(log.name()); });
  ASSERT_TRUE(directory.is_ok());
  auto first = directory.value()->open_partition("topic-0", {});
  auto second = directory.value()->open_partition("topic-1", {});
  ASSERT_TRUE(first.is_ok() && second.is_ok());
  ASSERT_TRUE(append_bytes(*first.value(), build_batch(tagged_batch(1, 10, "value"))).is_ok());
  moved.clear();
  fail(SimulatedOperation::kSyncData);
  EXPECT_FALSE(directory.value()->flush_step().is_ok());
  EXPECT_EQ(moved, (std::vector<std::string>{"topic-0", "topic-1"}));
}

TEST_P(LogFailureTest, AFullDiskRefusesCleanlyAndServesAgain) {
  ASSERT_TRUE(append().is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  const LogState before = log_->state();
  files_.set_capacity(1);
  Status full;
  while (full.is_ok()) full = append(1000);
  EXPECT_EQ(full.code(), Code::kNoSpace);
  EXPECT_FALSE(directory_->offline());
  EXPECT_GT(log_->state().log_end_offset, before.log_end_offset);
  ASSERT_TRUE(directory_->flush_step().is_ok());
  const Bytes held = read_all(*log_, 0);
  EXPECT_FALSE(held.empty());
  files_.set_capacity(UINT64_MAX);
  ASSERT_TRUE(append(1000).is_ok());
  const Bytes grown = read_all(*log_, 0);
  EXPECT_EQ(Bytes(grown.begin(), grown.begin() + static_cast<std::ptrdiff_t>(held.size())), held);
}

TEST_P(LogFailureTest, AFailedWriteOrMappingTakesTheDirectoryOffline) {
  ASSERT_TRUE(append().is_ok());
  if (GetParam() == WriteMode::kMmap) {
    files_.fault_mappings("/data/topic-0/00000000000000000000.log");
  } else {
    fail(SimulatedOperation::kWrite);
  }
  EXPECT_EQ(append().code(), Code::kOffline);
  EXPECT_TRUE(directory_->offline());
  EXPECT_EQ(log_->state().log_end_offset, 1);
}

TEST_P(LogFailureTest, AFailedTrimTakesTheDirectoryOffline) {
  ASSERT_TRUE(append().is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  fail(SimulatedOperation::kTruncate);
  EXPECT_FALSE(directory_->flush_step().is_ok());
  EXPECT_TRUE(directory_->offline());
}

TEST_P(LogFailureTest, AFailedRollLeavesTheLogAsItWas) {
  ASSERT_TRUE(append().is_ok());
  fail(SimulatedOperation::kOpen, Code::kTooManyFiles);
  EXPECT_EQ(log_->roll().code(), Code::kTooManyFiles);
  EXPECT_EQ(log_->state().segments, 1u);
  EXPECT_FALSE(directory_->offline());
  EXPECT_TRUE(append().is_ok());
  EXPECT_TRUE(log_->roll().is_ok());
}

TEST_P(LogFailureTest, NothingIsSyncedUnderOsUntilItRolls) {
  directory_->abandon();
  open(FlushPolicy::kOs);
  const uint64_t syncs = files_.counters().of(SimulatedOperation::kSyncData);
  ASSERT_TRUE(append().is_ok());
  EXPECT_EQ(log_->state().high_watermark, 1);
  ASSERT_TRUE(directory_->flush_step().is_ok());
  EXPECT_EQ(files_.counters().of(SimulatedOperation::kSyncData), syncs);
  EXPECT_EQ(log_->state().durable_offset, 0);
  ASSERT_TRUE(log_->roll().is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  EXPECT_EQ(log_->state().durable_offset, 1);
}

TEST_P(LogFailureTest, TheBudgetHoldsUntilTheBytesAreOnDisk) {
  directory_->abandon();
  DirectoryOptions options = manual_options(GetParam(), FlushPolicy::kOs);
  options.dirty_budget_bytes = 10000;
  OpenLog opened = open_log(files_, clock_, options);
  directory_ = opened.directory;
  log_ = opened.log;
  while (!directory_->over_budget()) ASSERT_TRUE(append(1000).is_ok());
  EXPECT_GT(directory_->statistics().unwritten_bytes, 10000u);
  ASSERT_TRUE(directory_->flush_step().is_ok());
  EXPECT_FALSE(directory_->over_budget());
  EXPECT_EQ(directory_->statistics().unwritten_bytes, 0u);
}

INSTANTIATE_TEST_SUITE_P(WriteModes, LogFailureTest,
                         ::testing::Values(WriteMode::kMmap, WriteMode::kPwrite),
                         [](const auto& info) {
                           return info.param == WriteMode::kMmap ? "Mmap" : "Pwrite";
                         });

}  // namespace
}  // namespace millrace
