// Many threads append to, read and flush one partition on a real disk, with the flusher's threads
// running. Meant for ThreadSanitizer above all.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "log_fixture.h"
#include "posix_file_system.h"
#include "system_clock.h"

namespace millrace {
namespace {

using namespace testing;

constexpr int kWriters = 4;
constexpr int kBatches = 150;

struct Case {
  WriteMode mode;
  FlushPolicy flush;
};

class LogConcurrencyTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    DirectoryOptions options;
    options.write_mode = GetParam().mode;
    options.flush = GetParam().flush;
    options.flush_interval_ms = 5;
    options.first_extent_bytes = 4096;
    options.writeback_bytes = 64 << 10;
    auto directory = LogDirectory::open(posix_file_system(), system_clock(), folder_.path(),
                                        options, [this](PartitionLog& log) { on_moved(log); });
    ASSERT_TRUE(directory.is_ok()) << directory.status().context();
    directory_ = directory.take();
    LogConfig config;
    config.segment_bytes = 200'000;
    auto log = directory_->open_partition("topic-0", config);
    ASSERT_TRUE(log.is_ok()) << log.status().context();
    log_ = log.take();
  }

  void on_moved(PartitionLog& log) {
    const LogState state = log.state();
    EXPECT_LE(state.durable_offset, state.log_end_offset);
    moved_.fetch_add(1);
  }

  // Appends batches of one to five records of growing size, in pieces as a socket gives them.
  void write(int writer) {
    for (int i = 0; i < kBatches; ++i) {
      BatchSpec spec = tagged_batch(1 + i % 5, static_cast<size_t>(i) * 13 % 4000,
                                    std::to_string(writer) + ':' + std::to_string(i));
      spec.producer_id = writer;
      spec.producer_epoch = 0;
      spec.base_sequence = sequences_[static_cast<size_t>(writer)];
      sequences_[static_cast<size_t>(writer)] += static_cast<int32_t>(spec.records.size());
      const Bytes batch = build_batch(spec);
      const size_t half = batch.size() / 2;
      const ByteView chunks[] = {ByteView(batch).first(half), ByteView(batch).subspan(half)};
      Result<AppendResult> result = log_->append(ChunkList(chunks), {});
      ASSERT_TRUE(result.is_ok()) << result.status().context();
    }
  }

  // Reads on as the log grows; every offset comes once, and each writer's batches in their order.
  void read_everything(int64_t end) {
    std::array<int32_t, kWriters> next = {};
    int64_t offset = 0;
    while (offset < end) {
      ReadOptions options;
      options.offset = offset;
      options.max_bytes = 50'000;
      options.may_block = true;
      Result<ReadSlice> slice = log_->read(options);
      ASSERT_TRUE(slice.is_ok()) << slice.status().context();
      const ByteView bytes(slice.value().data, slice.value().size_bytes);
      for (size_t at = 0; at < bytes.size();) {
        const BatchHeader header = read_batch_header(bytes.subspan(at));
        ASSERT_EQ(header.base_offset, offset);
        auto& expected = next[static_cast<size_t>(header.producer_id)];
        ASSERT_EQ(header.base_sequence, expected);
        expected += header.records_count;
        const ByteView batch = bytes.subspan(at, header.size_bytes());
        const ByteView chunks[] = {batch};
        ValidateOptions validation;
        validation.from_client = false;
        const auto checked = validate_batch(ChunkList(chunks), 0, validation);
        ASSERT_TRUE(checked.is_ok()) << checked.status().context();
        at += header.size_bytes();
        offset = header.last_offset() + 1;
      }
      if (bytes.empty()) std::this_thread::yield();
    }
  }

  static constexpr int64_t records_per_writer() {
    int64_t records = 0;
    for (int i = 0; i < kBatches; ++i) records += 1 + i % 5;
    return records;
  }

  TemporaryFolder folder_;
  std::atomic<int> moved_{0};
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
  std::array<int32_t, kWriters> sequences_ = {};
};

TEST_P(LogConcurrencyTest, KeepsOrderAndBytesUnderManyThreads) {
  const int64_t end = kWriters * records_per_writer();
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) threads.emplace_back([this, i] { write(i); });
  for (int i = 0; i < 2; ++i) threads.emplace_back([this, end] { read_everything(end); });
  std::atomic<bool> done{false};
  std::thread flusher([&] {
    while (!done) ASSERT_TRUE(directory_->flush_all().is_ok());
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  flusher.join();
  ASSERT_TRUE(directory_->flush_all().is_ok());
  EXPECT_EQ(log_->state().log_end_offset, end);
  EXPECT_EQ(log_->state().durable_offset, end);
  EXPECT_GT(log_->state().segments, 1u);
  EXPECT_GT(moved_.load(), 0);
  EXPECT_TRUE(directory_->close().is_ok());
}

INSTANTIATE_TEST_SUITE_P(Cases, LogConcurrencyTest,
                         ::testing::Values(Case{WriteMode::kMmap, FlushPolicy::kGroup},
                                           Case{WriteMode::kPwrite, FlushPolicy::kGroup},
                                           Case{WriteMode::kMmap, FlushPolicy::kInterval},
                                           Case{WriteMode::kMmap, FlushPolicy::kOs},
                                           Case{WriteMode::kPwrite, FlushPolicy::kOs}));

}  // namespace
}  // namespace millrace
