// The directory: its lock, its partitions, deletion, and the small promises around them.
#include "log_directory.h"

#include <gtest/gtest.h>

#include "crc32c.h"
#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class LogDirectoryTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open() {
    auto directory =
        LogDirectory::open(files_, clock_, "/data", manual_options(WriteMode::kMmap), {});
    ASSERT_TRUE(directory.is_ok()) << directory.status().context();
    directory_ = directory.take();
  }
  std::shared_ptr<PartitionLog> partition(const std::string& name) {
    auto log = directory_->open_partition(name, {});
    EXPECT_TRUE(log.is_ok()) << log.status().context();
    return log.is_ok() ? log.take() : nullptr;
  }
  Status append(PartitionLog& log) {
    return append_bytes(log, build_batch(tagged_batch(1, 10, "value"))).take_status();
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
};

TEST_F(LogDirectoryTest, IsLockedWhileItIsOpen) {
  auto second = LogDirectory::open(files_, clock_, "/data", manual_options(WriteMode::kMmap), {});
  EXPECT_EQ(second.status().code(), Code::kLocked);
  ASSERT_TRUE(directory_->close().is_ok());
  open();
}

TEST_F(LogDirectoryTest, GivesTheSamePartitionForTheSameName) {
  const auto first = partition("topic-0");
  EXPECT_EQ(partition("topic-0"), first);
  EXPECT_NE(partition("topic-1"), first);
  EXPECT_EQ(directory_->partition_names(), (std::vector<std::string>{"topic-0", "topic-1"}));
}

TEST_F(LogDirectoryTest, RefusesNamesThatAreNoPartition) {
  for (const char* name : {"", "topic", "topic-", "-1", "topic-x", "a/b-0", "../x-0",
                           "topic-99999999999", "t-0.7-delete"}) {
    EXPECT_EQ(directory_->open_partition(name, {}).status().code(), Code::kInvalidArgument) << name;
  }
}

TEST_F(LogDirectoryTest, AnIdlePartitionHasNoFile) {
  const auto log = partition("topic-0");
  EXPECT_TRUE(files_.list("/data/topic-0").value().empty());
  EXPECT_EQ(directory_->statistics().mapped_bytes, 0u);
  ASSERT_TRUE(append(*log).is_ok());
  EXPECT_EQ(files_.list("/data/topic-0").value(),
            std::vector<std::string>{"00000000000000000000.log"});
  EXPECT_GT(directory_->statistics().mapped_bytes, 0u);
  ASSERT_TRUE(log->enforce_retention().is_ok());
  ASSERT_TRUE(log->enforce_retention().is_ok());
  EXPECT_EQ(directory_->statistics().mapped_bytes, 0u) << "idle between two rounds of retention";
  ASSERT_TRUE(append(*log).is_ok());
}

TEST_F(LogDirectoryTest, DeletesAPartitionForGood) {
  const auto log = partition("topic-0");
  ASSERT_TRUE(append(*log).is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  const auto slice = log->read({.offset = 0, .may_block = true});
  ASSERT_TRUE(slice.is_ok());
  ASSERT_TRUE(append(*log).is_ok());
  ASSERT_TRUE(directory_->delete_partition("topic-0").is_ok());
  EXPECT_EQ(append(*log).code(), Code::kClosed);
  EXPECT_TRUE(directory_->partition_names().empty());
  EXPECT_TRUE(directory_->flush_step().is_ok());
  EXPECT_EQ(directory_->statistics().unwritten_bytes, 0u);
  EXPECT_EQ(slice.value().data[batch_format::kMagic], 2);
  EXPECT_EQ(directory_->delete_partition("topic-0").code(), Code::kNotFound);
  const auto again = partition("topic-0");
  EXPECT_EQ(again->state().log_end_offset, 0);
}

TEST_F(LogDirectoryTest, FinishesADeletionThatACrashInterrupted) {
  const auto log = partition("topic-0");
  ASSERT_TRUE(append(*log).is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  directory_->abandon();
  ASSERT_TRUE(files_.rename("/data/topic-0", "/data/topic-0.7-delete").is_ok());
  open();
  EXPECT_TRUE(directory_->partition_names().empty());
  EXPECT_FALSE(files_.exists("/data/topic-0.7-delete"));
}

TEST_F(LogDirectoryTest, CloseIsIdempotentAndFinal) {
  const auto log = partition("topic-0");
  ASSERT_TRUE(append(*log).is_ok());
  ASSERT_TRUE(directory_->close().is_ok());
  EXPECT_TRUE(directory_->close().is_ok());
  EXPECT_EQ(append(*log).code(), Code::kClosed);
  EXPECT_EQ(directory_->open_partition("topic-0", {}).status().code(), Code::kClosed);
}

TEST_F(LogDirectoryTest, ManyDirtyPartitionsAreSyncedTogether) {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (int i = 0; i < 50; ++i) logs.push_back(partition("topic-" + std::to_string(i)));
  for (const auto& log : logs) ASSERT_TRUE(append(*log).is_ok());
  const auto before = files_.counters();
  const auto advanced = directory_->flush_step();
  ASSERT_TRUE(advanced.is_ok());
  EXPECT_EQ(advanced.value(), 50u);
  EXPECT_EQ(files_.counters().of(SimulatedOperation::kSyncAll),
            before.of(SimulatedOperation::kSyncAll) + 1);
  for (const auto& log : logs) EXPECT_EQ(log->state().durable_offset, 1);
  directory_->abandon();
  ASSERT_TRUE(files_.crash(5).is_ok());
  open();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(partition("topic-" + std::to_string(i))->state().log_end_offset, 1);
  }
}

TEST_F(LogDirectoryTest, ANewerMarkerIsRefusedWithoutHarm) {
  ASSERT_TRUE(directory_->close().is_ok());
  std::string text = "millrace-clean-shutdown 2\n";
  text += "crc " +
          std::to_string(
              crc32c(0, ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size()))) +
          "\n";
  auto file = files_.open("/data/.millrace-clean-shutdown", OpenMode::kReadWrite).take();
  ASSERT_TRUE(file->truncate(0).is_ok());
  const ByteView chunks[] = {ByteView(reinterpret_cast<const uint8_t*>(text.data()), text.size())};
  ASSERT_TRUE(file->write_at(chunks, 0).is_ok());
  auto refused = LogDirectory::open(files_, clock_, "/data", manual_options(WriteMode::kMmap), {});
  EXPECT_EQ(refused.status().code(), Code::kNewerFormat);
  EXPECT_TRUE(files_.exists("/data/.millrace-clean-shutdown"));
}

TEST_F(LogDirectoryTest, CountsWhatItDoes) {
  const auto log = partition("topic-0");
  ASSERT_TRUE(append_bytes(*log, build_batch(tagged_batch(5, 10, "value"))).is_ok());
  ASSERT_TRUE(directory_->flush_step().is_ok());
  const auto statistics = directory_->statistics();
  EXPECT_EQ(statistics.appended_batches, 1u);
  EXPECT_EQ(statistics.appended_records, 5u);
  EXPECT_EQ(statistics.appended_bytes, log->state().size_bytes);
  EXPECT_EQ(statistics.flushes, 1u);
  EXPECT_EQ(statistics.flushed_bytes, log->state().size_bytes);
  EXPECT_EQ(statistics.open_partitions, 1u);
}

}  // namespace
}  // namespace millrace
