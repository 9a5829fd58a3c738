// Append, read, flush and reopening, in both write modes on the simulated disk.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class PartitionLogTest : public ::testing::TestWithParam<WriteMode> {
 protected:
  void open(const LogConfig& config = {}, FlushPolicy flush = FlushPolicy::kGroup) {
    OpenLog opened = open_log(files_, clock_, manual_options(GetParam(), flush), config);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  // Appends `batch` and remembers it as it must be stored.
  int64_t append(const Bytes& batch) {
    Result<AppendResult> result = append_bytes(*log_, batch);
    EXPECT_TRUE(result.is_ok()) << result.status().context();
    if (!result.is_ok()) return -1;
    const Bytes stored = stored_form(batch, result.value().base_offset, 0);
    expected_.insert(expected_.end(), stored.begin(), stored.end());
    return result.value().base_offset;
  }
  void flush() { ASSERT_TRUE(directory_->flush_step().is_ok()); }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
  Bytes expected_;
};

TEST_P(PartitionLogTest, GivesBackWhatWasAppended) {
  open();
  EXPECT_EQ(append(build_batch(tagged_batch(3, 10, "a"))), 0);
  EXPECT_EQ(append(build_batch(tagged_batch(1, 5000, "b"))), 3);
  EXPECT_EQ(append(build_batch(tagged_batch(2, 10, "c"))), 4);
  EXPECT_EQ(log_->state().log_end_offset, 6);
  EXPECT_EQ(read_all(*log_, 0), expected_);
}

TEST_P(PartitionLogTest, IsDurableOnlyAfterAFlush) {
  open();
  append(build_batch(tagged_batch(3, 10, "a")));
  EXPECT_EQ(log_->state().durable_offset, 0);
  EXPECT_EQ(log_->state().high_watermark, 0);
  Result<uint32_t> advanced = directory_->flush_step();
  ASSERT_TRUE(advanced.is_ok());
  EXPECT_EQ(advanced.value(), 1u);
  EXPECT_EQ(log_->state().durable_offset, 3);
  EXPECT_EQ(log_->state().high_watermark, 3);
}

TEST_P(PartitionLogTest, ReopensAfterACleanStop) {
  LogConfig config;
  config.segment_bytes = 20000;
  open(config);
  for (int i = 0; i < 50; ++i) append(build_batch(tagged_batch(3, 500, std::to_string(i))));
  EXPECT_GT(log_->state().segments, 1u);
  ASSERT_TRUE(directory_->close().is_ok());
  open(config);
  EXPECT_TRUE(directory_->was_clean());
  EXPECT_TRUE(log_->recovery().was_clean);
  EXPECT_EQ(log_->state().log_end_offset, 150);
  EXPECT_EQ(read_all(*log_, 0), expected_);
  append(build_batch(tagged_batch(3, 500, "after")));
  EXPECT_EQ(read_all(*log_, 0), expected_);
}

TEST_P(PartitionLogTest, KeepsWhatWasDurableThroughACrash) {
  LogConfig config;
  config.segment_bytes = 20000;
  open(config);
  for (int i = 0; i < 50; ++i) append(build_batch(tagged_batch(3, 500, std::to_string(i))));
  flush();
  directory_->abandon();
  ASSERT_TRUE(files_.crash(7).is_ok());
  open(config);
  EXPECT_FALSE(log_->recovery().was_clean);
  EXPECT_EQ(log_->state().log_end_offset, 150);
  EXPECT_EQ(read_all(*log_, 0), expected_);
}

INSTANTIATE_TEST_SUITE_P(WriteModes, PartitionLogTest,
                         ::testing::Values(WriteMode::kMmap, WriteMode::kPwrite),
                         [](const auto& info) {
                           return info.param == WriteMode::kMmap ? "Mmap" : "Pwrite";
                         });

}  // namespace
}  // namespace millrace
