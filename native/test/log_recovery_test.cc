// What recovery keeps, cuts, refuses to cut, and never brings back.
#include <gtest/gtest.h>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

constexpr const char* kFirstLog = "/data/topic-0/00000000000000000000.log";

class LogRecoveryTest : public ::testing::Test {
 protected:
  void open(FlushPolicy flush = FlushPolicy::kOs, const LogConfig& config = {}) {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap, flush), config);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }
  void append(const std::string& tag) {
    const Bytes batch = build_batch(tagged_batch(2, 30, tag));
    const auto result = append_bytes(*log_, batch);
    ASSERT_TRUE(result.is_ok()) << result.status().context();
    const Bytes stored = stored_form(batch, result.value().base_offset, 0);
    ends_.push_back(ends_.back() + stored.size());
    expected_.insert(expected_.end(), stored.begin(), stored.end());
  }
  std::unique_ptr<File> raw(const std::string& path = kFirstLog) {
    return files_.open(path, OpenMode::kReadWrite).take();
  }
  void overwrite_at(uint64_t position, const Bytes& bytes) {
    const ByteView chunks[] = {bytes};
    ASSERT_TRUE(raw()->write_at(chunks, position).is_ok());
  }
  Bytes prefix(size_t batches) const {
    return Bytes(expected_.begin(),
                 expected_.begin() + static_cast<std::ptrdiff_t>(ends_[batches]));
  }
  // Checkpoints, so that everything so far counts as known to be on disk.
  void checkpoint() {
    clock_.advance_ms(10'000);
    ASSERT_TRUE(directory_->flush_all().is_ok());
    ASSERT_TRUE(log_->roll().is_ok());
    ASSERT_TRUE(directory_->flush_step().is_ok());
  }

  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
  Bytes expected_;
  std::vector<size_t> ends_ = {0};
};

TEST_F(LogRecoveryTest, CutsATailTornAtAnyByte) {
  open();
  for (const char* tag : {"a", "b", "c"}) append(tag);
  directory_->abandon();
  const Bytes whole = expected_;
  for (size_t size = ends_[2]; size < ends_[3]; ++size) {
    overwrite_at(0, whole);
    overwrite_at(size, Bytes(whole.size() - size, 0));
    open();
    // A byte that was zero anyway is not missed.
    const bool missed = std::any_of(whole.begin() + static_cast<std::ptrdiff_t>(size), whole.end(),
                                    [](uint8_t byte) { return byte != 0; });
    ASSERT_EQ(read_all(*log_, 0), prefix(missed ? 2 : 3)) << "cut at " << size;
    ASSERT_FALSE(log_->recovery().quarantined);
    if (missed && size > ends_[2] + 12) {
      ASSERT_GT(log_->recovery().cut_bytes, 0u) << size;
      ASSERT_EQ(log_->recovery().cut_at_offset, 4);
    }
    directory_->abandon();
  }
}

TEST_F(LogRecoveryTest, CutsAFileThatEndsAtAnyByte) {
  open();
  for (const char* tag : {"a", "b", "c"}) append(tag);
  directory_->abandon();
  const Bytes whole = expected_;
  for (size_t size = ends_[2]; size < ends_[3]; ++size) {
    overwrite_at(0, whole);
    ASSERT_TRUE(raw()->truncate(size).is_ok());
    open();
    ASSERT_EQ(read_all(*log_, 0), prefix(2)) << "cut at " << size;
    append("d");
    expected_ = prefix(2);
    ends_.resize(3);
    ends_.push_back(whole.size());
    directory_->abandon();
    expected_ = whole;
  }
}

TEST_F(LogRecoveryTest, NeverBringsBackWhatStandsBehindAHole) {
  open();
  for (const char* tag : {"a", "b", "c"}) append(tag);
  directory_->abandon();
  overwrite_at(ends_[1], Bytes(ends_[2] - ends_[1], 0));
  open();
  EXPECT_EQ(read_all(*log_, 0), prefix(1));
  EXPECT_GT(log_->recovery().cut_bytes, ends_[2] - ends_[1]);
  // A batch of the very size of the hole would join the old one behind it.
  expected_ = prefix(1);
  ends_.resize(2);
  append("B");
  directory_->abandon();
  open();
  EXPECT_EQ(log_->state().log_end_offset, 4);
  EXPECT_EQ(read_all(*log_, 0), expected_);
}

TEST_F(LogRecoveryTest, NeverReadsAValidBatchInsideABadOne) {
  open();
  append("a");
  const Bytes inner = stored_form(build_batch(tagged_batch(1, 10, "inner")), 2, 0);
  BatchSpec spec;
  RecordSpec record;
  record.value = std::string(inner.begin(), inner.end());
  spec.records.push_back(record);
  Bytes outer = build_batch(spec);
  overwrite(outer, batch_format::kCrc, uint32_t{12345});
  EXPECT_EQ(append_bytes(*log_, outer).status().code(), Code::kCorruptBatch);
  directory_->abandon();
  open();
  EXPECT_EQ(read_all(*log_, 0), prefix(1));
  // Even if it had reached the disk.
  directory_->abandon();
  overwrite_at(ends_[1], stored_form(outer, 2, 0));
  open();
  EXPECT_EQ(read_all(*log_, 0), prefix(1));
  EXPECT_EQ(log_->recovery().reason.substr(0, 7), "bad CRC");
}

TEST_F(LogRecoveryTest, CutsAnOffsetThatDoesNotContinue) {
  open();
  for (const char* tag : {"a", "b", "c"}) append(tag);
  directory_->abandon();
  Bytes offset(8, 0);
  offset[7] = 9;
  overwrite_at(ends_[1], offset);
  open();
  EXPECT_EQ(read_all(*log_, 0), prefix(1));
}

TEST_F(LogRecoveryTest, CutsALeaderEpochThatFalls) {
  open();
  ASSERT_TRUE(log_->set_leader_epoch(5).is_ok());
  append("a");
  append("b");
  directory_->abandon();
  overwrite_at(ends_[1] + batch_format::kLeaderEpoch, Bytes{0, 0, 0, 4});
  open();
  EXPECT_EQ(log_->state().log_end_offset, 2);
}

TEST_F(LogRecoveryTest, QuarantinesWhatWasKnownToBeOnDisk) {
  open(FlushPolicy::kGroup);
  for (const char* tag : {"a", "b", "c"}) append(tag);
  checkpoint();
  directory_->abandon();
  const Bytes before = expected_;
  overwrite_at(ends_[1] + 40, Bytes{0xFF, 0xFF});
  open(FlushPolicy::kGroup);
  EXPECT_TRUE(log_->recovery().quarantined);
  EXPECT_TRUE(log_->state().offline);
  EXPECT_FALSE(directory_->offline());
  EXPECT_EQ(append_bytes(*log_, build_batch(tagged_batch(1, 1, "x"))).status().code(),
            Code::kOffline);
  EXPECT_EQ(log_->read({}).status().code(), Code::kOffline);
  Bytes after(before.size());
  ASSERT_TRUE(raw()->read_at(after, 0).is_ok());
  EXPECT_EQ(Bytes(after.begin() + static_cast<std::ptrdiff_t>(ends_[2]), after.end()),
            Bytes(before.begin() + static_cast<std::ptrdiff_t>(ends_[2]), before.end()));
  // Still so at the next start, after a stop that was clean for all others.
  ASSERT_TRUE(directory_->close().is_ok());
  open(FlushPolicy::kGroup);
  EXPECT_TRUE(log_->recovery().quarantined);
  const auto repaired = directory_->repair_partition("topic-0");
  ASSERT_TRUE(repaired.is_ok()) << repaired.status().context();
  EXPECT_EQ(repaired.value().cut_at_offset, 2);
  EXPECT_EQ(read_all(*log_, 0), prefix(1));
  EXPECT_TRUE(append_bytes(*log_, build_batch(tagged_batch(1, 1, "x"))).is_ok());
}

TEST_F(LogRecoveryTest, QuarantinesALostSegment) {
  open(FlushPolicy::kGroup);
  append("a");
  checkpoint();
  append("b");
  checkpoint();
  directory_->abandon();
  ASSERT_TRUE(files_.remove(kFirstLog).is_ok());
  open(FlushPolicy::kGroup);
  // What is left begins later: that is what retention leaves, too.
  EXPECT_EQ(log_->state().log_start_offset, 2);
  directory_->abandon();
  ASSERT_TRUE(files_.remove("/data/topic-0/00000000000000000002.log").is_ok());
  ASSERT_TRUE(files_.remove("/data/topic-0/00000000000000000004.log").is_ok());
  open(FlushPolicy::kGroup);
  EXPECT_TRUE(log_->recovery().quarantined);
}

TEST_F(LogRecoveryTest, RebuildsDamagedIndexesSnapshotsAndEpochs) {
  LogConfig config;
  config.index_interval_bytes = 100;
  open(FlushPolicy::kGroup, config);
  for (int i = 0; i < 50; ++i) append(std::to_string(i));
  checkpoint();
  append("last");
  const auto epochs = log_->end_offset_for_epoch(0);
  directory_->abandon();
  for (const char* name : {"00000000000000000000.index", "00000000000000000000.timeindex",
                           "00000000000000000100.snapshot", "leader-epoch-checkpoint"}) {
    const std::string path = std::string("/data/topic-0/") + name;
    for (int damage = 0; damage < 3; ++damage) {
      ASSERT_TRUE(files_.exists(path)) << path;
      if (damage == 0) {
        ASSERT_TRUE(files_.remove(path).is_ok());
      }
      if (damage == 1) {
        ASSERT_TRUE(raw(path)->truncate(7).is_ok());
      }
      if (damage == 2) {
        const Bytes garbage = {0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8, 0xF7};
        const ByteView chunks[] = {garbage};
        ASSERT_TRUE(raw(path)->write_at(chunks, 0).is_ok());
      }
      open(FlushPolicy::kGroup, config);
      ASSERT_FALSE(log_->recovery().quarantined) << path << log_->recovery().reason;
      ASSERT_EQ(read_all(*log_, 0), expected_) << path;
      ASSERT_EQ(log_->end_offset_for_epoch(0).end_offset, epochs.end_offset) << path;
      ASSERT_EQ(log_->offset_for_timestamp(0).value().offset, 0) << path;
      ASSERT_TRUE(directory_->flush_step().is_ok());
      // A clean stop trusts its marker; the damage must be found after one as well.
      directory_->abandon();
    }
  }
}

// The log decides: an index that looks whole may point anywhere, also into the middle of a batch.
TEST_F(LogRecoveryTest, NoByteOfAnIndexCostsARecord) {
  LogConfig config;
  config.index_interval_bytes = 100;
  open(FlushPolicy::kGroup, config);
  for (int i = 0; i < 12; ++i) append(std::to_string(i));
  checkpoint();
  append("last");
  directory_->abandon();
  for (const char* name : {"00000000000000000000.index", "00000000000000000000.timeindex"}) {
    const std::string path = std::string("/data/topic-0/") + name;
    const Result<uint64_t> known_size = raw(path)->size();
    ASSERT_TRUE(known_size.is_ok());
    const uint64_t size = known_size.value();
    ASSERT_GT(size, 0u);
    for (uint64_t at = 0; at < size; ++at) {
      for (const uint8_t flipped : {0x01, 0x20, 0x80}) {
        Bytes byte(1);
        ASSERT_TRUE(raw(path)->read_at(byte, at).is_ok());
        byte[0] ^= flipped;
        const ByteView chunks[] = {byte};
        ASSERT_TRUE(raw(path)->write_at(chunks, at).is_ok());
        open(FlushPolicy::kGroup, config);
        ASSERT_FALSE(log_->recovery().quarantined)
            << path << " byte " << at << ": " << log_->recovery().reason;
        ASSERT_EQ(read_all(*log_, 0), expected_) << path << " byte " << at;
        ASSERT_TRUE(directory_->flush_step().is_ok());
        ASSERT_TRUE(files_.exists(path)) << "byte " << at;
        directory_->abandon();
      }
    }
  }
}

TEST_F(LogRecoveryTest, AForgedCleanMarkerIsNotBelieved) {
  open(FlushPolicy::kGroup);
  append("a");
  ASSERT_TRUE(directory_->close().is_ok());
  const std::string marker = "/data/.millrace-clean-shutdown";
  ASSERT_TRUE(files_.exists(marker));
  const Bytes garbage = {'x'};
  const ByteView chunks[] = {garbage};
  ASSERT_TRUE(raw(marker)->write_at(chunks, 30).is_ok());
  open(FlushPolicy::kGroup);
  EXPECT_FALSE(directory_->was_clean());
  EXPECT_EQ(read_all(*log_, 0), expected_);
  EXPECT_FALSE(files_.exists(marker));
}

TEST_F(LogRecoveryTest, ASegmentThatChangedAfterACleanStopIsScanned) {
  open(FlushPolicy::kGroup);
  append("a");
  append("b");
  ASSERT_TRUE(directory_->close().is_ok());
  ASSERT_TRUE(raw()->truncate(ends_[2] - 1).is_ok());
  open(FlushPolicy::kGroup);
  EXPECT_FALSE(log_->recovery().was_clean);
  EXPECT_TRUE(log_->recovery().quarantined);
}

TEST_F(LogRecoveryTest, PartitionsThatWereNotOpenedStayClean) {
  open(FlushPolicy::kGroup);
  append("a");
  ASSERT_TRUE(directory_->close().is_ok());
  auto directory =
      LogDirectory::open(files_, clock_, "/data", manual_options(WriteMode::kMmap), {});
  ASSERT_TRUE(directory.is_ok());
  EXPECT_EQ(directory.value()->partition_names(), std::vector<std::string>{"topic-0"});
  ASSERT_TRUE(directory.value()->close().is_ok());
  open(FlushPolicy::kGroup);
  EXPECT_TRUE(log_->recovery().was_clean);
  EXPECT_EQ(read_all(*log_, 0), expected_);
}

}  // namespace
}  // namespace millrace
