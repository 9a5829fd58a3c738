// What must hold when the disk fills up, fails or loses a file between two steps: nothing is called
// done that a power cut undoes, and nothing that is damaged counts as what it was.
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

#include "log_file_names.h"
#include "log_fixture.h"
#include "log_folder.h"
#include "partition_log_impl.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

class LogDurabilityTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }
  void open(FlushPolicy flush = FlushPolicy::kGroup) {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap, flush), config_);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  void kill_and_open(FlushPolicy flush = FlushPolicy::kGroup) {
    directory_->abandon();
    open(flush);
  }
  void cut_power_and_open() {
    directory_->abandon();
    ASSERT_TRUE(files_.crash(1).is_ok());
    open();
  }
  Result<AppendResult> append(BatchSpec spec) { return append_bytes(*log_, build_batch(spec)); }
  Result<AppendResult> append(const std::string& tag) {
    BatchSpec spec = tagged_batch(1, 10, tag);
    spec.records[0].key = tag;
    return append(spec);
  }
  // Batch number `sequence` of producer 7.
  Result<AppendResult> produce(int32_t sequence) {
    BatchSpec spec = tagged_batch(1, 10, "value");
    spec.producer_id = 7;
    spec.producer_epoch = 0;
    spec.base_sequence = sequence;
    return append(spec);
  }
  void flush() { ASSERT_TRUE(directory_->flush_step().is_ok()); }
  // Everything so far counts as known to be on disk.
  void checkpoint() {
    clock_.advance_ms(10'000);
    flush();
    flush();
  }
  std::string file(int64_t offset, std::string_view suffix) const {
    return "/data/topic-0/" + log_file_name(offset, suffix);
  }
  std::unique_ptr<File> raw(const std::string& path) {
    return files_.open(path, OpenMode::kReadWrite).take();
  }
  void overwrite_at(const std::string& path, uint64_t position, const Bytes& bytes) {
    const ByteView chunks[] = {bytes};
    ASSERT_TRUE(raw(path)->write_at(chunks, position).is_ok());
  }
  Bytes contents(const std::string& path) {
    const std::unique_ptr<File> opened = raw(path);
    Bytes bytes(opened->size().value());
    EXPECT_TRUE(opened->read_at(bytes, 0).is_ok());
    return bytes;
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  LogConfig config_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST_F(LogDurabilityTest, ALeaderEpochThatIsAskedForAgainIsOnDisk) {
  ASSERT_TRUE(append("a").is_ok());
  flush();
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, "leader-epoch-checkpoint"});
  EXPECT_EQ(log_->set_leader_epoch(5).code(), Code::kNoSpace);
  ASSERT_TRUE(log_->set_leader_epoch(5).is_ok());
  cut_power_and_open();
  EXPECT_EQ(log_->state().leader_epoch, 5);
}

TEST_F(LogDurabilityTest, ADamagedSnapshotIsReplaced) {
  ASSERT_TRUE(produce(0).is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  checkpoint();
  directory_->abandon();
  const std::string snapshot = file(1, log_suffix::kProducerSnapshot);
  ASSERT_TRUE(files_.exists(snapshot));
  overwrite_at(snapshot, 4, {0xFF});
  open();
  ASSERT_TRUE(produce(0).value().duplicate);
  // All that the producer wrote is deleted: only the snapshot knows it now.
  ASSERT_TRUE(log_->delete_records(1).is_ok());
  ASSERT_EQ(log_->enforce_retention().value(), 1u);
  kill_and_open();
  EXPECT_EQ(log_->producers().size(), 1u);
  EXPECT_TRUE(produce(0).value().duplicate);
}

TEST_F(LogDurabilityTest, ASnapshotThatFoundNoRoomIsWrittenLater) {
  ASSERT_TRUE(produce(0).is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, ".snapshot"});
  checkpoint();
  ASSERT_TRUE(log_->delete_records(1).is_ok());
  flush();
  EXPECT_TRUE(files_.exists(file(1, log_suffix::kProducerSnapshot)));
  ASSERT_EQ(log_->enforce_retention().value(), 1u);
  kill_and_open();
  EXPECT_EQ(log_->producers().size(), 1u);
  EXPECT_TRUE(produce(0).value().duplicate);
}

// Recovery begins at the latest one it finds, and gives those before it no thought.
TEST_F(LogDurabilityTest, NoPowerCutLosesASnapshotBeforeOneThatItKeeps) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedFileSystem files;
    OpenLog opened = open_log(files, clock_, manual_options(WriteMode::kMmap));
    for (const char* tag : {"a", "b"}) {
      ASSERT_TRUE(append_bytes(*opened.log, build_batch(tagged_batch(1, 10, tag))).is_ok());
      ASSERT_TRUE(opened.log->roll().is_ok());
    }
    ASSERT_TRUE(opened.directory->flush_step().is_ok());
    opened.directory->abandon();
    ASSERT_TRUE(files.crash(seed).is_ok());
    EXPECT_TRUE(files.exists(file(1, log_suffix::kProducerSnapshot)) ||
                !files.exists(file(2, log_suffix::kProducerSnapshot)))
        << "seed " << seed;
  }
}

TEST_F(LogDurabilityTest, ALostEpochFileCostsNoProducer) {
  ASSERT_TRUE(produce(0).is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  checkpoint();
  ASSERT_TRUE(log_->delete_records(1).is_ok());
  ASSERT_EQ(log_->enforce_retention().value(), 1u);
  ASSERT_TRUE(files_.remove("/data/topic-0/leader-epoch-checkpoint").is_ok());
  kill_and_open();
  EXPECT_EQ(log_->producers().size(), 1u);
  EXPECT_TRUE(produce(0).value().duplicate);
}

// Retention makes room: it neither fails for want of it nor removes what only a snapshot stands
// for.
TEST_F(LogDurabilityTest, RetentionOnAFullDiskKeepsWhatHasNoSnapshot) {
  ASSERT_TRUE(produce(0).is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  flush();
  ASSERT_TRUE(produce(1).is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, ".snapshot"});
  flush();
  ASSERT_TRUE(log_->delete_records(2).is_ok());
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, ".snapshot"});
  EXPECT_EQ(log_->enforce_retention().value(), 1u);
  EXPECT_FALSE(directory_->offline());
  EXPECT_EQ(log_->enforce_retention().value(), 1u);
  EXPECT_EQ(log_->state().segments, 1u);
  kill_and_open();
  EXPECT_TRUE(produce(1).value().duplicate);
}

// Wherever it stops: an old segment that is there again without the one behind it would be a hole.
TEST_F(LogDurabilityTest, NoPowerCutInRetentionLeavesAHole) {
  for (uint64_t removal = 1; removal <= 12; ++removal) {
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      SimulatedFileSystem files;
      OpenLog opened = open_log(files, clock_, manual_options(WriteMode::kMmap));
      for (const char* tag : {"a", "b", "c", "d"}) {
        ASSERT_TRUE(append_bytes(*opened.log, build_batch(tagged_batch(1, 10, tag))).is_ok());
        ASSERT_TRUE(opened.log->roll().is_ok());
      }
      ASSERT_TRUE(opened.directory->flush_step().is_ok());
      ASSERT_TRUE(opened.log->delete_records(3).is_ok());
      files.fail({SimulatedOperation::kRemove, removal, Code::kIoError, ""});
      (void)opened.log->enforce_retention();
      opened.directory->abandon();
      ASSERT_TRUE(files.crash(seed).is_ok());
      opened = open_log(files, clock_, manual_options(WriteMode::kMmap));
      ASSERT_NE(opened.log, nullptr);
      const auto appended = append_bytes(*opened.log, build_batch(tagged_batch(1, 10, "e")));
      ASSERT_TRUE(appended.is_ok())
          << "removal " << removal << " seed " << seed << ": " << appended.status().context();
      EXPECT_EQ(appended.value().base_offset, 4);
    }
  }
}

TEST_F(LogDurabilityTest, AFlushThatBeganBeforeATruncationProvesNothing) {
  ASSERT_TRUE(append("a").is_ok());
  ASSERT_TRUE(append("b").is_ok());
  auto& partition = dynamic_cast<PartitionLogImpl&>(*log_);
  FlushTicket ticket;
  ASSERT_TRUE(partition.begin_flush(ticket, true));
  ASSERT_TRUE(log_->truncate_to(1).is_ok());
  ASSERT_TRUE(append("other").is_ok());
  EXPECT_FALSE(partition.finish_flush(ticket));
  EXPECT_LE(log_->state().durable_offset, 1);
}

// The end of a segment is lost and the next one is not: that is a hole, never what compaction
// leaves, which keeps a segment's last offset.
TEST_F(LogDurabilityTest, ACompactedLogEndsWhereASegmentLostItsEnd) {
  config_.compact = true;
  kill_and_open(FlushPolicy::kOs);
  ASSERT_TRUE(append("a").is_ok());
  const uint64_t end = log_->state().size_bytes;
  ASSERT_TRUE(append("b").is_ok());
  const uint64_t size = log_->state().size_bytes;
  ASSERT_TRUE(log_->roll().is_ok());
  ASSERT_TRUE(append("c").is_ok());
  directory_->abandon();
  overwrite_at(file(0, log_suffix::kLog), end, Bytes(size - end, 0));
  open(FlushPolicy::kOs);
  EXPECT_EQ(log_->state().log_end_offset, 1);
  EXPECT_EQ(log_->recovery().cut_at_offset, 1);
}

TEST_F(LogDurabilityTest, ACompactedSegmentThatLostItsEndOnDiskIsQuarantined) {
  config_.compact = true;
  kill_and_open();
  ASSERT_TRUE(append("a").is_ok());
  const uint64_t end = log_->state().size_bytes;
  ASSERT_TRUE(append("b").is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  ASSERT_TRUE(append("c").is_ok());
  ASSERT_TRUE(log_->roll().is_ok());
  checkpoint();
  directory_->abandon();
  ASSERT_TRUE(raw(file(0, log_suffix::kLog))->truncate(end).is_ok());
  open();
  EXPECT_TRUE(log_->recovery().quarantined);
  EXPECT_EQ(log_->recovery().cut_at_offset, 1);
}

// Offsets by time, and the age by which retention deletes, come from a file without a checksum.
TEST_F(LogDurabilityTest, NoByteOfATimeIndexHidesARecord) {
  config_.index_interval_bytes = 100;
  kill_and_open();
  constexpr int kBatches = 8;
  const int64_t first_ms = 1'700'000'000'000;
  for (int i = 0; i < kBatches; ++i) {
    BatchSpec spec = tagged_batch(1, 60, "value");
    spec.base_timestamp = first_ms + i * 1000;
    ASSERT_TRUE(append(spec).is_ok());
  }
  ASSERT_TRUE(log_->roll().is_ok());
  checkpoint();
  const std::string path = file(0, log_suffix::kTimeIndex);
  const Bytes good = contents(path);
  ASSERT_GT(good.size(), 36u);
  std::vector<Bytes> damaged;
  for (size_t size = 0; size < good.size(); size += 12) {
    damaged.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
  }
  for (size_t at = 0; at < good.size(); ++at) {
    for (const uint8_t flipped : {0x01, 0x04, 0x80}) {
      damaged.push_back(good);
      damaged.back()[at] ^= flipped;
    }
  }
  for (const bool clean : {false, true}) {
    for (size_t damage = 0; damage < damaged.size(); ++damage) {
      SCOPED_TRACE((clean ? "clean, damage " : "killed, damage ") + std::to_string(damage));
      if (clean) {
        ASSERT_TRUE(directory_->close().is_ok());
      } else {
        directory_->abandon();
      }
      ASSERT_TRUE(raw(path)->truncate(0).is_ok());
      overwrite_at(path, 0, damaged[damage]);
      open();
      for (int i = 0; i < kBatches; ++i) {
        ASSERT_EQ(log_->offset_for_timestamp(first_ms + i * 1000).value().offset, i);
      }
      ASSERT_EQ(log_->max_timestamp().value().offset, kBatches - 1);
      flush();  // what was built anew is written
    }
  }
}

TEST_F(LogDurabilityTest, ATopicMadeAnewInheritsNoCheckpoint) {
  ASSERT_TRUE(append("a").is_ok());
  ASSERT_TRUE(append("b").is_ok());
  checkpoint();
  ASSERT_TRUE(log_->delete_records(1).is_ok());
  checkpoint();
  ASSERT_TRUE(directory_->delete_partition("topic-0").is_ok());
  kill_and_open();
  EXPECT_FALSE(log_->recovery().quarantined) << log_->recovery().reason;
  EXPECT_EQ(log_->state().log_start_offset, 0);
  EXPECT_EQ(log_->state().log_end_offset, 0);
}

TEST_F(LogDurabilityTest, ADeletionThatWasCutShortLeavesNoCheckpoint) {
  ASSERT_TRUE(append("a").is_ok());
  checkpoint();
  files_.fail({SimulatedOperation::kSyncDirectory, 1, Code::kIoError, {}});
  EXPECT_FALSE(directory_->delete_partition("topic-0").is_ok());
  kill_and_open();
  EXPECT_FALSE(log_->recovery().quarantined) << log_->recovery().reason;
  EXPECT_EQ(log_->state().log_end_offset, 0);
}

TEST_F(LogDurabilityTest, AFullDiskKeepsNoPartitionFromBeingDeleted) {
  ASSERT_TRUE(append("a").is_ok());
  checkpoint();
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, "checkpoint"});
  EXPECT_TRUE(directory_->delete_partition("topic-0").is_ok());
  EXPECT_FALSE(directory_->offline());
  files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, "checkpoint"});
  EXPECT_EQ(directory_->open_partition("topic-0", config_).status().code(), Code::kNoSpace);
  EXPECT_TRUE(directory_->open_partition("topic-0", config_).is_ok());
}

TEST_F(LogDurabilityTest, WhatATopicMadeAnewAcknowledgedSurvives) {
  ASSERT_TRUE(append("a").is_ok());
  ASSERT_TRUE(append("b").is_ok());
  checkpoint();
  log_.reset();
  ASSERT_TRUE(directory_->delete_partition("topic-0").is_ok());
  log_ = directory_->open_partition("topic-0", config_).take();
  ASSERT_TRUE(append("c").is_ok());
  flush();
  ASSERT_EQ(log_->state().durable_offset, 1);
  cut_power_and_open();
  EXPECT_FALSE(log_->recovery().quarantined) << log_->recovery().reason;
  EXPECT_EQ(log_->state().log_end_offset, 1);
}

// After a sync that failed the kernel still has in memory what the disk has not. A process that is
// started again must not take that for the log.
TEST_F(LogDurabilityTest, WhatASyncLostIsNotFoundAtTheNextStart) {
  ASSERT_TRUE(append("a").is_ok());
  flush();
  ASSERT_TRUE(append("b").is_ok());
  files_.fail({SimulatedOperation::kSyncData, 1, Code::kIoError, ".log"});
  EXPECT_FALSE(directory_->flush_step().is_ok());
  kill_and_open();
  const int64_t durable = log_->state().durable_offset;
  cut_power_and_open();
  EXPECT_EQ(log_->state().log_end_offset, durable);
}

// The kernel says yes to the second sync of what the first one lost.
TEST_F(LogDurabilityTest, ASyncThatFailedInRecoveryIsNotAskedAgain) {
  ASSERT_TRUE(append("a").is_ok());
  flush();
  ASSERT_TRUE(append("b").is_ok());
  directory_->abandon();
  const std::string path = file(0, log_suffix::kLog);
  overwrite_at(path, log_->state().size_bytes - 3, {0xFF, 0xFF});  // a torn tail, to be zeroed
  auto directory =
      LogDirectory::open(files_, clock_, "/data", manual_options(WriteMode::kMmap), {});
  ASSERT_TRUE(directory.is_ok());
  files_.fail({SimulatedOperation::kSyncData, 1, Code::kIoError, ".log"});
  EXPECT_EQ(directory.value()->open_partition("topic-0", config_).status().code(), Code::kIoError);
  EXPECT_TRUE(directory.value()->offline());
  EXPECT_EQ(directory.value()->open_partition("topic-0", config_).status().code(), Code::kOffline);
}

// Stops a partition's loading where it lists its folder.
class StoppedAtListing final : public FileSystem {
 public:
  explicit StoppedAtListing(FileSystem& inner) : inner_(inner) {}
  void stop_at(const std::string& path) { path_ = path; }
  std::latch& reached() { return reached_; }
  std::latch& go_on() { return go_on_; }

  Result<std::vector<std::string>> list(const std::string& path) override {
    if (path == path_) {
      reached_.count_down();
      go_on_.wait();
    }
    return inner_.list(path);
  }
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    return inner_.open(path, mode);
  }
  Status remove(const std::string& path) override { return inner_.remove(path); }
  Status rename(const std::string& from, const std::string& to) override {
    return inner_.rename(from, to);
  }
  Status make_directories(const std::string& path) override {
    return inner_.make_directories(path);
  }
  Status remove_directory(const std::string& path) override {
    return inner_.remove_directory(path);
  }
  bool exists(const std::string& path) override { return inner_.exists(path); }
  Status sync_directory(const std::string& path) override { return inner_.sync_directory(path); }
  Status sync_all(const std::string& path) override { return inner_.sync_all(path); }
  Result<uint64_t> free_bytes(const std::string& path) override { return inner_.free_bytes(path); }
  FileSystemTraits traits(const std::string& path) override { return inner_.traits(path); }
  Result<std::unique_ptr<DirectoryLock>> lock_directory(const std::string& path) override {
    return inner_.lock_directory(path);
  }

 private:
  FileSystem& inner_;
  std::string path_;
  std::latch reached_{1};
  std::latch go_on_{1};
};

// Else it would go on changing files that the marker vouches for, and that another broker may hold.
TEST_F(LogDurabilityTest, ClosingWaitsForWhatIsBeingOpened) {
  for (const bool clean : {true, false}) {
    directory_->abandon();
    StoppedAtListing files(files_);
    auto opened = LogDirectory::open(files, clock_, "/data", manual_options(WriteMode::kMmap), {});
    ASSERT_TRUE(opened.is_ok());
    const std::shared_ptr<LogDirectory> directory = opened.take();
    files.stop_at("/data/topic-0");
    auto opening = std::async(std::launch::async,
                              [&] { return directory->open_partition("topic-0", config_); });
    files.reached().wait();
    auto closing = std::async(std::launch::async, [&] {
      if (clean) return directory->close();
      directory->abandon();
      return Status::ok();
    });
    // Until it refuses whatever comes now.
    while (directory->open_partition("topic-1", config_).status().code() != Code::kClosed) {
      std::this_thread::yield();
    }
    files.go_on().count_down();
    EXPECT_EQ(opening.get().status().code(), Code::kClosed);
    EXPECT_TRUE(closing.get().is_ok());
    open();
  }
}

}  // namespace
}  // namespace millrace
