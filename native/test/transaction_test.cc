// Transactions as the log sees them: data, markers, the last stable offset, the aborted index.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

constexpr AppendOptions kCoordinator = {AppendOrigin::kCoordinator, -1};

Bytes transactional_batch(int64_t producer_id, int32_t sequence) {
  BatchSpec spec = tagged_batch(2, 20, std::to_string(producer_id));
  spec.producer_id = producer_id;
  spec.producer_epoch = 0;
  spec.base_sequence = sequence;
  spec.extra_attributes = batch_format::kTransactionalMask;
  return build_batch(spec);
}

Bytes marker(int64_t producer_id, bool commit, int32_t coordinator_epoch = 0) {
  BatchSpec spec;
  RecordSpec record;
  record.key = std::string("\0\0\0", 3) + (commit ? '\1' : '\0');
  record.value = std::string(2, '\0') + std::string(3, '\0') +
                 std::string(1, static_cast<char>(coordinator_epoch));
  spec.records.push_back(record);
  spec.producer_id = producer_id;
  spec.producer_epoch = 0;
  spec.extra_attributes = batch_format::kTransactionalMask | batch_format::kControlMask;
  return build_batch(spec);
}

class TransactionTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap));
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  int64_t append(const Bytes& batch) {
    Result<AppendResult> result = append_bytes(*log_, batch, kCoordinator);
    EXPECT_TRUE(result.is_ok()) << result.status().context();
    EXPECT_TRUE(directory_->flush_step().is_ok());
    return result.is_ok() ? result.value().base_offset : -1;
  }
  void expect_one_aborted() const {
    const auto aborted = log_->aborted_transactions(0, 100);
    ASSERT_EQ(aborted.size(), 1u);
    EXPECT_EQ(aborted[0].producer_id, 7);
    EXPECT_EQ(aborted[0].first_offset, 0);
    EXPECT_EQ(aborted[0].last_offset, 4);
    EXPECT_EQ(aborted[0].last_stable_offset, 2);
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_F(TransactionTest, ClientsHaveNone) {
  EXPECT_EQ(append_bytes(*log_, transactional_batch(7, 0)).status().code(), Code::kInvalidTxnState);
  EXPECT_EQ(append_bytes(*log_, marker(7, true)).status().code(), Code::kInvalidRecord);
  EXPECT_EQ(log_->state().log_end_offset, 0);
}

TEST_F(TransactionTest, AnOpenOneHoldsBackTheLastStableOffset) {
  append(build_batch(tagged_batch(1, 10, "before")));
  EXPECT_EQ(log_->state().last_stable_offset, 1);
  append(transactional_batch(7, 0));
  append(build_batch(tagged_batch(1, 10, "after")));
  EXPECT_EQ(log_->state().high_watermark, 4);
  EXPECT_EQ(log_->state().last_stable_offset, 1);
  EXPECT_EQ(log_->producers().at(0).current_txn_first_offset, 1);
  append(marker(7, true));
  EXPECT_EQ(log_->state().last_stable_offset, 5);
  EXPECT_EQ(log_->producers().at(0).current_txn_first_offset, -1);
  EXPECT_TRUE(log_->aborted_transactions(0, 100).empty());
}

TEST_F(TransactionTest, AnEndedOneIsUnstableUntilItsMarkerIsBelowTheHighWatermark) {
  append(transactional_batch(7, 0));
  ASSERT_TRUE(append_bytes(*log_, marker(7, true), kCoordinator).is_ok());
  EXPECT_EQ(log_->state().last_stable_offset, 0);
  ASSERT_TRUE(directory_->flush_step().is_ok());
  EXPECT_EQ(log_->state().last_stable_offset, 3);
}

TEST_F(TransactionTest, AnAbortedOneIsFoundInEveryStateOfTheLog) {
  append(transactional_batch(7, 0));
  append(transactional_batch(8, 0));
  append(marker(7, false));
  expect_one_aborted();
  EXPECT_EQ(log_->state().last_stable_offset, 2);
  EXPECT_TRUE(log_->aborted_transactions(5, 100).empty());
  ASSERT_TRUE(log_->roll().is_ok());
  append(marker(8, true));
  expect_one_aborted();
  ASSERT_TRUE(directory_->close().is_ok());
  open();
  expect_one_aborted();
  EXPECT_EQ(log_->state().last_stable_offset, 6);
  directory_->abandon();
  ASSERT_TRUE(files_.crash(3).is_ok());
  open();
  expect_one_aborted();
}

TEST_F(TransactionTest, TheIndexIsBuiltAnewFromTheLog) {
  append(transactional_batch(7, 0));
  append(transactional_batch(8, 0));
  append(marker(7, false));
  ASSERT_TRUE(log_->roll().is_ok());
  append(marker(8, true));
  directory_->abandon();
  ASSERT_TRUE(files_.remove("/data/topic-0/00000000000000000000.txnindex").is_ok());
  ASSERT_TRUE(files_.remove("/data/topic-0/00000000000000000000.index").is_ok());
  open();
  expect_one_aborted();
}

TEST_F(TransactionTest, OpenOnesSurviveACleanStop) {
  append(transactional_batch(7, 0));
  ASSERT_TRUE(directory_->close().is_ok());
  open();
  EXPECT_EQ(log_->state().last_stable_offset, 0);
  EXPECT_EQ(log_->producers().at(0).current_txn_first_offset, 0);
}

TEST_F(TransactionTest, AMarkerOfAnOlderCoordinatorIsRefused) {
  append(transactional_batch(7, 0));
  append(marker(7, true, 3));
  append(transactional_batch(7, 2));
  const auto refused = append_bytes(*log_, marker(7, true, 2), kCoordinator);
  EXPECT_EQ(refused.status().code(), Code::kInvalidTxnState);
}

TEST_F(TransactionTest, AWriteOutsideTheOpenOneIsRefused) {
  append(transactional_batch(7, 0));
  BatchSpec spec = tagged_batch(1, 10, "plain");
  spec.producer_id = 7;
  spec.producer_epoch = 0;
  spec.base_sequence = 2;
  const auto refused = append_bytes(*log_, build_batch(spec), kCoordinator);
  EXPECT_EQ(refused.status().code(), Code::kInvalidTxnState);
}

}  // namespace
}  // namespace millrace
