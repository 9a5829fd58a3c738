// The arithmetic of the high watermark, by hand and against a model.
#include "replica_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace millrace {
namespace {

ReplicaReport ends_at(int32_t broker, int64_t offset, int32_t epoch = 1) {
  return {broker, epoch, offset, -1};
}

ReplicaReport on_disk(int32_t broker, int64_t offset, int32_t epoch = 1) {
  return {broker, epoch, -1, offset};
}

ReplicaSet led(std::vector<int32_t> in_sync, int32_t min_in_sync = 1, bool durable = false) {
  ReplicaSet set;
  set.lead({1, std::move(in_sync), {}, min_in_sync}, {1, 0, durable, 0});
  return set;
}

TEST(ReplicaSetTest, APartitionThatIsAloneAsksNobody) {
  ReplicaSet set;
  EXPECT_EQ(set.role(), PartitionRole::kAlone);
  EXPECT_FALSE(set.promised_by_all(7));
  EXPECT_FALSE(set.report(ends_at(2, 5), 10, 0));
}

TEST(ReplicaSetTest, TheLeastPromiseOfAllInSyncCounts) {
  ReplicaSet set = led({1, 2, 3});
  EXPECT_FALSE(set.promised_by_all(10)) << "2 and 3 have said nothing";
  set.report(ends_at(2, 8), 10, 0);
  EXPECT_FALSE(set.promised_by_all(10));
  set.report(ends_at(3, 6), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 6);
  EXPECT_EQ(set.promised_by_all(4), 4) << "the leader's own promise counts, too";
  set.report(ends_at(4, 1), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 6) << "4 is not in sync";
}

TEST(ReplicaSetTest, UnderGroupCommitOnlyWhatIsOnDiskIsPromised) {
  ReplicaSet set = led({1, 2}, 1, true);
  set.report(ends_at(2, 10), 10, 0);
  EXPECT_FALSE(set.promised_by_all(10));
  set.report(on_disk(2, 4), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 4);
  set.report(on_disk(2, 99), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 10) << "nobody has more than the leader";
}

TEST(ReplicaSetTest, AChangeThatIsBeingStoredCountsWithWhatIsStored) {
  ReplicaSet set = led({1});
  EXPECT_EQ(set.promised_by_all(10), 10);
  EXPECT_TRUE(set.change({1, {1}, {1, 2}, 1}));
  EXPECT_FALSE(set.promised_by_all(10));
  set.report(ends_at(2, 7), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 7);
  EXPECT_FALSE(set.change({2, {1}, {}, 1})) << "another epoch";
  EXPECT_EQ(set.promised_by_all(10), 7);
}

TEST(ReplicaSetTest, BelowTheMinimumNothingIsPromised) {
  ReplicaSet set = led({1}, 2);
  EXPECT_FALSE(set.promised_by_all(10));
  set.change({1, {1}, {1, 2}, 2});
  set.report(ends_at(2, 10), 10, 0);
  EXPECT_FALSE(set.promised_by_all(10)) << "a set that is only proposed is not there yet";
  set.change({1, {1, 2}, {}, 2});
  EXPECT_EQ(set.promised_by_all(10), 10);
}

TEST(ReplicaSetTest, ANewEpochForgetsWhatWasReported) {
  ReplicaSet set = led({1, 2});
  set.report(ends_at(2, 9), 10, 0);
  set.lead({1, {1, 2}, {}, 1}, {1, 10, false, 0});
  EXPECT_EQ(set.promised_by_all(10), 9) << "the same epoch again";
  set.lead({2, {1, 2}, {}, 1}, {1, 10, false, 0});
  EXPECT_FALSE(set.promised_by_all(10));
  EXPECT_FALSE(set.report(ends_at(2, 9), 10, 0)) << "a report of the former epoch";
  EXPECT_FALSE(set.promised_by_all(10));
}

TEST(ReplicaSetTest, WhoFollowsHasNothingToPromise) {
  ReplicaSet set = led({1, 2});
  set.report(ends_at(2, 9), 10, 0);
  set.follow(2);
  EXPECT_FALSE(set.promised_by_all(10));
  EXPECT_TRUE(set.view(0, 0).empty());
  EXPECT_FALSE(set.change({2, {1}, {}, 1}));
}

TEST(ReplicaSetTest, CaughtUpIsWhoAsksForTheEndAsItWasWhenItAskedBefore) {
  constexpr int64_t kMs = 1'000'000;
  ReplicaSet set;
  set.lead({1, {1, 3}, {}, 1}, {1, 0, false, 50 * kMs});
  const auto lag_of = [&set](int32_t id, int64_t now_ms) -> int64_t {
    for (const ReplicaView& view : set.view(0, now_ms * kMs)) {
      if (view.broker_id == id) return view.lag_ms;
    }
    return -1;
  };
  set.report(ends_at(2, 5), 10, 100 * kMs);
  EXPECT_EQ(lag_of(2, 100), 50) << "nobody lags for longer than the leader leads";
  EXPECT_EQ(lag_of(3, 100), 50) << "in sync, and silent";
  set.report(ends_at(2, 10), 20, 200 * kMs);
  EXPECT_EQ(lag_of(2, 200), 100) << "it has what was the end at 100";
  set.report(ends_at(2, 15), 30, 300 * kMs);
  EXPECT_EQ(lag_of(2, 300), 200) << "the end was 20 at 200";
  set.report(ends_at(2, 30), 30, 400 * kMs);
  EXPECT_EQ(lag_of(2, 400), 0);
}

TEST(ReplicaSetTest, OneMayJoinThatHasWhatIsCommittedAndWhatEarlierEpochsLeft) {
  ReplicaSet set;
  set.lead({1, {1}, {}, 1}, {1, 8, false, 0});
  set.report(ends_at(2, 7), 10, 0);
  EXPECT_FALSE(set.view(5, 0)[0].may_join) << "the epoch began at 8";
  set.report(ends_at(2, 8), 10, 0);
  EXPECT_TRUE(set.view(5, 0)[0].may_join);
  EXPECT_FALSE(set.view(9, 0)[0].may_join);
}

TEST(ReplicaSetTest, WhoCountsIsToldAlsoOfThoseThatAreSilent) {
  ReplicaSet set;
  set.lead({1, {1, 2}, {1, 2, 3}, 1}, {1, 0, false, 0});
  set.report(ends_at(4, 5), 10, 0);
  EXPECT_EQ(set.view(0, 0).size(), 3U);
  for (const ReplicaView& view : set.view(0, 0)) {
    EXPECT_EQ(view.counts, view.broker_id != 4) << view.broker_id;
  }
}

TEST(ReplicaSetTest, AFetchConfirmsThatTheOneBeforeItWasAnswered) {
  constexpr int64_t kMs = 1'000'000;
  ReplicaSet set = led({1, 2});
  const auto confirmed_ms = [&set](int64_t now_ms) {
    return set.view(0, now_ms * kMs)[0].confirmed_ms;
  };
  const auto fetch = [&set](int64_t now_ms, bool is_new) {
    ReplicaReport report = ends_at(2, 5);
    report.new_fetch = is_new;
    set.report(report, 10, now_ms * kMs);
  };
  fetch(100, true);
  EXPECT_EQ(confirmed_ms(100), -1) << "it may have been sent long ago";
  fetch(200, true);
  EXPECT_EQ(confirmed_ms(250), 150);
  fetch(9'000, false);
  EXPECT_EQ(confirmed_ms(9'000), 8'900) << "the same one, looked at again";
  fetch(9'001, true);
  EXPECT_EQ(confirmed_ms(9'001), 8'801) << "it waited in the socket";
  fetch(9'010, true);
  EXPECT_EQ(confirmed_ms(9'010), 9);
  set.report(on_disk(2, 5), 10, 9'500 * kMs);
  EXPECT_EQ(confirmed_ms(9'500), 499);
}

TEST(ReplicaSetTest, AnEndThatFallsIsBelieved) {
  ReplicaSet set = led({1, 2});
  set.report(ends_at(2, 9), 10, 0);
  set.report(ends_at(2, 3), 10, 0);
  EXPECT_EQ(set.promised_by_all(10), 3);
  ReplicaSet durable = led({1, 2}, 1, true);
  durable.report(on_disk(2, 9), 10, 0);
  durable.report(ends_at(2, 3), 10, 0);
  EXPECT_EQ(durable.promised_by_all(10), 3) << "what was cut is not on the disk either";
}

// As a table of what each broker said last in this epoch.
struct Model {
  int32_t epoch = 1;
  std::vector<int32_t> in_sync{1};
  std::vector<int32_t> proposed;
  int32_t min_in_sync = 1;
  std::map<int32_t, int64_t> said;

  std::optional<int64_t> promised(int64_t own) const {
    if (static_cast<int32_t>(in_sync.size()) < min_in_sync) return std::nullopt;
    std::vector<int32_t> all = in_sync;
    all.insert(all.end(), proposed.begin(), proposed.end());
    int64_t least = own;
    for (const int32_t id : all) {
      if (id == 1) continue;
      if (!said.count(id)) return std::nullopt;
      least = std::min(least, said.at(id));
    }
    return least;
  }
};

TEST(ReplicaSetTest, AgreesWithTheModelWhateverHappens) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](int64_t limit) {
      return static_cast<int64_t>(random() % static_cast<uint64_t>(limit));
    };
    const bool durable = below(2) == 1;
    ReplicaSet set;
    Model model;
    set.lead({1, {1}, {}, 1}, {1, 0, durable, 0});
    int64_t end = 0;
    for (int step = 0; step < 200; ++step) {
      end += below(3);
      const auto some = [&] {
        std::vector<int32_t> ids{1};
        for (int32_t id = 2; id <= 4; ++id) {
          if (below(2) == 1) ids.push_back(id);
        }
        return ids;
      };
      switch (below(4)) {
        case 0: {
          const int32_t epoch = model.epoch + static_cast<int32_t>(below(2));
          if (epoch != model.epoch) model.said.clear();
          model = {epoch, some(), {}, 1 + static_cast<int32_t>(below(3)), model.said};
          set.lead({epoch, model.in_sync, {}, model.min_in_sync}, {1, end, durable, 0});
          break;
        }
        case 1:
          model.proposed = some();
          set.change({model.epoch, model.in_sync, model.proposed, model.min_in_sync});
          break;
        default: {
          const int32_t id = 2 + static_cast<int32_t>(below(3));
          const int64_t offset = below(end + 3);
          const int32_t epoch = model.epoch - static_cast<int32_t>(below(3) == 0);
          if (epoch == model.epoch) model.said[id] = std::min(offset, end);
          set.report(durable ? on_disk(id, offset, epoch) : ends_at(id, offset, epoch), end, step);
        }
      }
      const int64_t own = below(end + 1);
      ASSERT_EQ(set.promised_by_all(own), model.promised(own)) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace millrace
