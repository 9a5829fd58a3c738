// A partition among its replicas: who may write it, how far its readers see, what a restart leaves,
// and how two logs that have parted come together again.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "log_fixture.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

AppendOptions from_leader(int32_t epoch) { return {AppendOrigin::kReplica, epoch}; }

class Broker {
 public:
  explicit Broker(FlushPolicy flush = FlushPolicy::kGroup) : flush_(flush) { open(); }
  void open() {
    OpenLog opened = open_log(files_, clock_, manual_options(WriteMode::kMmap, flush_));
    directory_ = opened.directory;
    log_ = opened.log;
  }
  void stop_cleanly() {
    log_.reset();
    ASSERT_TRUE(directory_->close().is_ok());
    directory_.reset();
  }
  void flush() { ASSERT_TRUE(directory_->flush_all().is_ok()); }
  PartitionLog& log() { return *log_; }
  int64_t high_watermark() { return log_->state().high_watermark; }
  void lead(int32_t epoch, std::vector<int32_t> in_sync, int32_t min_in_sync = 1) {
    Status status = log_->lead(1, {epoch, std::move(in_sync), {}, min_in_sync});
    ASSERT_TRUE(status.is_ok()) << status.context();
  }
  Code produce(const std::string& tag, int32_t epoch = -1) {
    return append_bytes(*log_, build_batch(tagged_batch(1, 100, tag)),
                        {AppendOrigin::kClient, epoch})
        .status()
        .code();
  }
  // As a follower's fetch does it: divergence first, then whole batches.
  void fetch_from(Broker& leader, int32_t epoch) {
    for (;;) {
      const int64_t end = log_->state().log_end_offset;
      const int32_t last = log_->last_epoch();
      if (last >= 0) {
        const EpochEndOffset theirs = leader.log().end_offset_for_epoch(last);
        if (theirs.leader_epoch != last || theirs.end_offset < end) {
          const EpochEndOffset own = log_->end_offset_for_epoch(theirs.leader_epoch);
          const int64_t cut = std::min(theirs.end_offset, own.end_offset);
          ASSERT_TRUE(log_->truncate_to(std::max<int64_t>(cut, 0)).is_ok());
          if (log_->state().log_end_offset < end) continue;
        }
      }
      const Bytes bytes = read_all(leader.log(), end);
      if (bytes.empty()) return;
      Result<AppendResult> appended = append_bytes(*log_, bytes, from_leader(epoch));
      ASSERT_TRUE(appended.is_ok()) << appended.status().context();
    }
  }

 private:
  FlushPolicy flush_;
  SimulatedFileSystem files_;
  ManualClock clock_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
};

TEST(ReplicationTest, ALeaderShowsWhatAllInSyncHaveOnDisk) {
  Broker leader;
  leader.lead(1, {1, 2});
  EXPECT_EQ(leader.produce("a"), Code::kOk);
  leader.flush();
  EXPECT_EQ(leader.high_watermark(), 0);
  EXPECT_TRUE(leader.log().report_replica({2, 1, 1, -1}));
  EXPECT_EQ(leader.high_watermark(), 0) << "fetched, but not on its disk";
  EXPECT_TRUE(leader.log().report_replica({2, 1, -1, 1}));
  EXPECT_EQ(leader.high_watermark(), 1);
  EXPECT_FALSE(leader.log().report_replica({2, 0, -1, 1}));
}

TEST(ReplicationTest, WithoutGroupCommitWhatIsFetchedCounts) {
  Broker leader(FlushPolicy::kOs);
  leader.lead(1, {1, 2});
  EXPECT_EQ(leader.produce("a"), Code::kOk);
  leader.log().report_replica({2, 1, 1, -1});
  EXPECT_EQ(leader.high_watermark(), 1);
}

TEST(ReplicationTest, TheHighWatermarkNeverFalls) {
  Broker leader(FlushPolicy::kOs);
  leader.lead(1, {1});
  leader.produce("a");
  leader.produce("b");
  EXPECT_EQ(leader.high_watermark(), 2);
  EXPECT_TRUE(leader.log().set_in_sync({1, {1, 2}, {}, 1}));
  leader.log().report_replica({2, 1, 1, -1});
  EXPECT_EQ(leader.high_watermark(), 2);
  leader.lead(2, {1, 2});
  leader.log().report_replica({2, 2, 0, -1});
  EXPECT_EQ(leader.high_watermark(), 2);
}

TEST(ReplicationTest, AFollowerIsWrittenByItsLeaderInThisEpochOnly) {
  Broker leader(FlushPolicy::kOs);
  Broker follower(FlushPolicy::kOs);
  leader.lead(3, {1});
  leader.produce("a");
  ASSERT_TRUE(follower.log().follow(3).is_ok());
  EXPECT_EQ(follower.produce("mine"), Code::kNotLeader);
  const Bytes bytes = read_all(leader.log(), 0);
  EXPECT_EQ(append_bytes(follower.log(), bytes, from_leader(2)).status().code(),
            Code::kFencedLeaderEpoch);
  EXPECT_EQ(append_bytes(follower.log(), bytes, from_leader(3)).status().code(), Code::kOk);
  EXPECT_EQ(append_bytes(leader.log(), bytes, from_leader(3)).status().code(), Code::kNotLeader);
  EXPECT_EQ(follower.log().follow(2).code(), Code::kFencedLeaderEpoch);
  EXPECT_EQ(follower.log().lead(1, {2, {1}, {}, 1}).code(), Code::kFencedLeaderEpoch);
}

TEST(ReplicationTest, AFollowerShowsWhatItsLeaderShowsAsFarAsItHasIt) {
  Broker leader(FlushPolicy::kOs);
  Broker follower(FlushPolicy::kOs);
  leader.lead(1, {1});
  leader.produce("a");
  leader.produce("b");
  ASSERT_TRUE(follower.log().follow(1).is_ok());
  EXPECT_TRUE(follower.log().follow_high_watermark(1, 2));
  EXPECT_EQ(follower.high_watermark(), 0);
  follower.fetch_from(leader, 1);
  EXPECT_EQ(follower.high_watermark(), 0);
  EXPECT_TRUE(follower.log().follow_high_watermark(1, 1));
  EXPECT_EQ(follower.high_watermark(), 1);
  EXPECT_TRUE(follower.log().follow_high_watermark(1, 9));
  EXPECT_EQ(follower.high_watermark(), 2);
  EXPECT_TRUE(follower.log().follow_high_watermark(1, 0));
  EXPECT_EQ(follower.high_watermark(), 2);
  EXPECT_FALSE(follower.log().follow_high_watermark(0, 2));
}

TEST(ReplicationTest, AfterARestartTheHighWatermarkIsWhatWasKnown) {
  Broker leader;
  leader.lead(1, {1, 2});
  for (int i = 0; i < 5; ++i) leader.produce("a");
  leader.flush();
  leader.log().report_replica({2, 1, 3, 3});
  EXPECT_EQ(leader.high_watermark(), 3);
  leader.stop_cleanly();
  leader.open();
  leader.lead(1, {1, 2});
  EXPECT_EQ(leader.high_watermark(), 3);
  leader.lead(2, {1});
  EXPECT_EQ(leader.high_watermark(), 5) << "alone in sync: what it has is committed";
}

TEST(ReplicationTest, AnEpochIsRememberedByTheRecordsOfIt) {
  Broker leader;
  leader.lead(4, {1});
  leader.produce("a");
  leader.lead(7, {1});
  leader.produce("b");
  EXPECT_EQ(leader.log().last_epoch(), 7);
  const EpochEndOffset end = leader.log().end_offset_for_epoch(5);
  EXPECT_EQ(end.leader_epoch, 4);
  EXPECT_EQ(end.end_offset, 1);
  leader.stop_cleanly();
  leader.open();
  EXPECT_EQ(leader.log().last_epoch(), 7);
  EXPECT_EQ(leader.log().end_offset_for_epoch(4).end_offset, 1);
}

// KIP-101: the follower that is elected without having learnt the last high watermark keeps what
// was committed, because nobody cuts at a high watermark.
TEST(ReplicationTest, WhatWasCommittedSurvivesAFastElection) {
  Broker a(FlushPolicy::kOs);
  Broker b(FlushPolicy::kOs);
  a.lead(0, {1, 2});
  ASSERT_TRUE(b.log().follow(0).is_ok());
  a.produce("m1");
  a.produce("m2");
  b.fetch_from(a, 0);
  a.log().report_replica({2, 0, 2, -1});
  EXPECT_EQ(a.high_watermark(), 2);
  EXPECT_EQ(b.high_watermark(), 0);
  b.stop_cleanly();
  b.open();
  ASSERT_TRUE(b.log().follow(0).is_ok());
  b.fetch_from(a, 0);
  EXPECT_EQ(b.log().state().log_end_offset, 2);
  b.lead(1, {1});
  EXPECT_EQ(read_all(b.log(), 0), read_all(a.log(), 0));
}

// KIP-279: after two quick elections the logs part below epochs that only one of them knows.
TEST(ReplicationTest, LogsThatPartedTwiceComeTogether) {
  Broker a(FlushPolicy::kOs);
  Broker b(FlushPolicy::kOs);
  a.lead(0, {1});
  a.produce("both");
  ASSERT_TRUE(b.log().follow(0).is_ok());
  b.fetch_from(a, 0);
  a.produce("only a, epoch 0");
  b.lead(1, {1});
  b.produce("only b, epoch 1");
  a.lead(2, {1});
  a.produce("only a, epoch 2");
  a.produce("only a, epoch 2 again");
  b.lead(3, {1});
  b.produce("only b, epoch 3");
  ASSERT_TRUE(a.log().follow(3).is_ok());
  a.fetch_from(b, 3);
  EXPECT_EQ(read_all(a.log(), 0), read_all(b.log(), 0));
  EXPECT_EQ(a.log().last_epoch(), 3);
  EXPECT_EQ(a.log().end_offset_for_epoch(1).end_offset, 2);
}

TEST(ReplicationTest, AnEpochWithoutARecordIsForgottenWhenTheLogIsCutAtIt) {
  Broker a(FlushPolicy::kOs);
  Broker b(FlushPolicy::kOs);
  b.lead(0, {1});
  b.produce("both");
  ASSERT_TRUE(a.log().follow(0).is_ok());
  a.fetch_from(b, 0);
  a.lead(1, {1});
  b.lead(2, {1});
  b.produce("only b");
  ASSERT_TRUE(a.log().follow(2).is_ok());
  EXPECT_EQ(a.log().last_epoch(), 1);
  a.fetch_from(b, 2);
  EXPECT_EQ(read_all(a.log(), 0), read_all(b.log(), 0));
  EXPECT_EQ(a.log().end_offset_for_epoch(1).leader_epoch, 0);
}

TEST(ReplicationTest, AFollowerThatIsTooFarBehindBeginsAnew) {
  Broker follower(FlushPolicy::kOs);
  Broker leader(FlushPolicy::kOs);
  leader.lead(0, {1});
  for (int i = 0; i < 3; ++i) leader.produce("a");
  ASSERT_TRUE(follower.log().follow(0).is_ok());
  follower.fetch_from(leader, 0);
  ASSERT_TRUE(follower.log().truncate_fully_and_start_at(10).is_ok());
  const LogState state = follower.log().state();
  EXPECT_EQ(state.log_start_offset, 10);
  EXPECT_EQ(state.log_end_offset, 10);
  EXPECT_EQ(state.high_watermark, 10);
  EXPECT_EQ(follower.log().last_epoch(), -1);
}

TEST(ReplicationTest, CuttingAFollowerLowersItsHighWatermarkToItsEndAtMost) {
  Broker leader(FlushPolicy::kOs);
  Broker follower(FlushPolicy::kOs);
  leader.lead(0, {1});
  for (int i = 0; i < 5; ++i) leader.produce("a");
  ASSERT_TRUE(follower.log().follow(0).is_ok());
  follower.fetch_from(leader, 0);
  follower.log().follow_high_watermark(0, 2);
  ASSERT_TRUE(follower.log().truncate_to(4).is_ok());
  EXPECT_EQ(follower.high_watermark(), 2);
  EXPECT_EQ(follower.log().state().log_end_offset, 4);
  ASSERT_TRUE(follower.log().truncate_to(1).is_ok());
  EXPECT_EQ(follower.high_watermark(), 1);
}

TEST(ReplicationTest, AProducersSequencesFollow) {
  Broker leader(FlushPolicy::kOs);
  Broker follower(FlushPolicy::kOs);
  leader.lead(0, {1});
  BatchSpec spec = tagged_batch(2, 10, "value");
  spec.producer_id = 7;
  spec.producer_epoch = 0;
  spec.base_sequence = 0;
  const Bytes batch = build_batch(spec);
  ASSERT_TRUE(append_bytes(leader.log(), batch).is_ok());
  ASSERT_TRUE(follower.log().follow(0).is_ok());
  follower.fetch_from(leader, 0);
  follower.lead(1, {1});
  const Result<AppendResult> again = append_bytes(follower.log(), batch);
  ASSERT_TRUE(again.is_ok());
  EXPECT_TRUE(again.value().duplicate);
}

TEST(ReplicationTest, ReportsAppendsFlushesAndChangesBesideOneAnother) {
  Broker leader;
  leader.lead(1, {1, 2, 3});
  std::atomic<bool> done{false};
  std::atomic<int64_t> lowest_gap{0};
  std::vector<std::thread> threads;
  for (int32_t id = 2; id <= 3; ++id) {
    threads.emplace_back([&, id] {
      while (!done) {
        const LogState state = leader.log().state();
        leader.log().report_replica({id, 1, state.log_end_offset, state.durable_offset});
      }
    });
  }
  threads.emplace_back([&] {
    int64_t before = 0;
    while (!done) {
      const LogState state = leader.log().state();
      if (state.high_watermark < before || state.high_watermark > state.durable_offset) {
        lowest_gap = 1;
      }
      before = state.high_watermark;
    }
  });
  threads.emplace_back([&] {
    while (!done) {
      leader.log().set_in_sync({1, {1, 2}, {1, 2, 3}, 2});
      leader.log().set_in_sync({1, {1, 2, 3}, {}, 2});
      leader.log().replicas();
    }
  });
  for (int i = 0; i < 300; ++i) {
    leader.produce("value " + std::to_string(i));
    if (i % 10 == 0) leader.flush();
  }
  leader.flush();
  done = true;
  for (std::thread& thread : threads) thread.join();
  leader.log().set_in_sync({1, {1, 2, 3}, {}, 2});
  for (int32_t id = 2; id <= 3; ++id) leader.log().report_replica({id, 1, 300, 300});
  EXPECT_EQ(leader.high_watermark(), 300);
  EXPECT_EQ(lowest_gap, 0);
}

}  // namespace
}  // namespace millrace
