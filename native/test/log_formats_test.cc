// The files beside the segments, byte by byte: indexes, snapshots, checkpoints, marker, names.
#include <gtest/gtest.h>

#include <string>

#include "big_endian.h"
#include "checkpoint_text.h"
#include "clean_marker.h"
#include "leader_epoch_cache.h"
#include "log_file_names.h"
#include "offset_index.h"
#include "producer_state.h"
#include "time_index.h"
#include "transaction_index.h"

namespace millrace {
namespace {

using Bytes = std::vector<uint8_t>;

TEST(LogFileNames, AreKafkas) {
  EXPECT_EQ(log_file_name(42, log_suffix::kLog), "00000000000000000042.log");
  EXPECT_EQ(log_file_name(INT64_MAX, log_suffix::kTimeIndex), "09223372036854775807.timeindex");
  const auto parsed = parse_log_file_name("00000000000000000042.snapshot");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->offset, 42);
  EXPECT_EQ(parsed->suffix, log_suffix::kProducerSnapshot);
  for (const char* name :
       {"42.log", "00000000000000000042.logx", "0000000000000000004x.log", "00000000000000000042",
        "99999999999999999999.log", "-0000000000000000042.log", "leader-epoch-checkpoint"}) {
    EXPECT_FALSE(parse_log_file_name(name).has_value()) << name;
  }
  EXPECT_EQ(parse_partition_name("a-b-12")->topic, "a-b");
  EXPECT_EQ(parse_partition_name("a-b-12")->partition, 12);
}

TEST(OffsetIndex, FindsTheEntryAtOrBelow) {
  OffsetIndex index(100);
  EXPECT_EQ(index.floor(150).position, 0u);
  index.append(110, 1000);
  index.append(120, 2000);
  EXPECT_EQ(index.floor(109).position, 0u);
  EXPECT_EQ(index.floor(110).position, 1000u);
  EXPECT_EQ(index.floor(119).position, 1000u);
  EXPECT_EQ(index.floor(INT64_MAX / 2).position, 2000u);
  EXPECT_EQ(index.floor_position(1999), 1000u);
  EXPECT_EQ(index.serialize(), (Bytes{0, 0, 0, 10, 0, 0, 3, 232, 0, 0, 0, 20, 0, 0, 7, 208}));
}

TEST(OffsetIndex, RefusesWhatDoesNotRiseOrFit) {
  OffsetIndex index(0);
  index.append(10, 1000);
  index.append(20, 2000);
  const Bytes good = index.serialize();
  ASSERT_TRUE(OffsetIndex::parse(0, good, 3000).is_ok());
  EXPECT_EQ(OffsetIndex::parse(0, good, 3000).value().floor(25).position, 2000u);
  EXPECT_FALSE(OffsetIndex::parse(0, good, 2000).is_ok()) << "beyond the log";
  for (size_t cut = 1; cut < good.size(); ++cut) {
    if (cut == 8) continue;
    EXPECT_FALSE(OffsetIndex::parse(0, ByteView(good).first(cut), 3000).is_ok());
  }
  Bytes zeros = good;
  std::fill(zeros.begin() + 8, zeros.end(), 0);
  EXPECT_FALSE(OffsetIndex::parse(0, zeros, 3000).is_ok());
}

TEST(TimeIndex, KeepsOnlyRisingTimes) {
  TimeIndex index(100);
  index.append({1000, 110});
  index.append({1000, 120});
  index.append({900, 130});
  index.append({2000, 140});
  EXPECT_EQ(index.entry_count(), 2u);
  EXPECT_EQ(index.floor(999).offset, 100);
  EXPECT_EQ(index.floor(1999).offset, 110);
  EXPECT_EQ(index.last().offset, 140);
  const Bytes content = index.serialize();
  EXPECT_EQ(content.size(), 2 * TimeIndex::kEntrySize);
  EXPECT_EQ(load_big_endian<int64_t>(content.data()), 1000);
  EXPECT_EQ(load_big_endian<int32_t>(content.data() + 8), 10);
  ASSERT_TRUE(TimeIndex::parse(100, content).is_ok());
  Bytes swapped(content.begin() + 12, content.end());
  swapped.insert(swapped.end(), content.begin(), content.begin() + 12);
  EXPECT_FALSE(TimeIndex::parse(100, swapped).is_ok());
}

TEST(TransactionIndex, CollectsWhatOverlaps) {
  TransactionIndex index;
  index.append({1, 0, 10, 11});
  index.append({2, 5, 20, 21});
  const Bytes content = index.serialize();
  EXPECT_EQ(content.size(), 2 * TransactionIndex::kEntrySize);
  EXPECT_EQ(load_big_endian<int16_t>(content.data()), 0);
  const auto parsed = TransactionIndex::parse(content);
  ASSERT_TRUE(parsed.is_ok());
  std::vector<AbortedTransaction> found;
  EXPECT_FALSE(parsed.value().collect(11, 100, found));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].producer_id, 2);
  found.clear();
  EXPECT_TRUE(parsed.value().collect(0, 5, found)) << "all below 5 is decided";
  EXPECT_EQ(found.size(), 1u);
  Bytes other = content;
  other[1] = 1;
  EXPECT_FALSE(TransactionIndex::parse(other).is_ok());
}

TEST(ProducerSnapshot, RoundTripsAndChecksItself) {
  ProducerState state;
  BatchHeader header;
  header.base_offset = 10;
  header.last_offset_delta = 4;
  header.producer_id = 7;
  header.producer_epoch = 2;
  header.base_sequence = 100;
  header.max_timestamp = 555;
  header.attributes = batch_format::kTransactionalMask;
  state.append(header);
  const Bytes content = state.serialize();
  ASSERT_EQ(content.size(), 10u + 46u);
  const auto parsed = ProducerState::parse(content);
  ASSERT_TRUE(parsed.is_ok()) << parsed.status().context();
  const auto view = parsed.value().view();
  ASSERT_EQ(view.size(), 1u);
  EXPECT_EQ(view[0].producer_epoch, 2);
  EXPECT_EQ(view[0].last_sequence, 104);
  EXPECT_EQ(view[0].last_timestamp_ms, 555);
  EXPECT_EQ(view[0].current_txn_first_offset, 10);
  EXPECT_EQ(parsed.value().first_unstable_offset(), 10);
  ASSERT_NE(parsed.value().find_duplicate(header), nullptr);
  EXPECT_EQ(parsed.value().find_duplicate(header)->first_offset(), 10);
  for (size_t i = 0; i < content.size(); ++i) {
    Bytes flipped = content;
    flipped[i] ^= 0x40;
    EXPECT_FALSE(ProducerState::parse(flipped).is_ok()) << i;
    EXPECT_FALSE(ProducerState::parse(ByteView(content).first(i)).is_ok()) << i;
  }
}

TEST(LeaderEpochCache, ReadsAndWritesKafkasText) {
  LeaderEpochCache cache;
  EXPECT_TRUE(cache.assign(0, 0));
  EXPECT_TRUE(cache.assign(2, 10));
  EXPECT_FALSE(cache.assign(2, 20));
  EXPECT_FALSE(cache.assign(1, 20));
  EXPECT_TRUE(cache.assign(3, 10)) << "epoch 2 held no record";
  EXPECT_EQ(cache.serialize(), "0\n2\n0 0\n3 10\n");
  const auto parsed = LeaderEpochCache::parse(cache.serialize());
  ASSERT_TRUE(parsed.is_ok());
  EXPECT_EQ(parsed.value().entries(), cache.entries());
  for (const char* text : {"", "1\n0\n", "0\n1\n", "0\n1\n0 0", "0\n2\n0 0\n0 5\n",
                           "0\n2\n0 5\n1 5\n", "0\n1\nx 0\n", "0\n1\n0 0 0\n", "0\n-1\n"}) {
    EXPECT_FALSE(LeaderEpochCache::parse(text).is_ok()) << text;
  }
}

TEST(LeaderEpochCache, TruncatesAtBothEnds) {
  LeaderEpochCache cache;
  cache.assign(0, 0);
  cache.assign(1, 10);
  cache.assign(2, 20);
  EXPECT_TRUE(cache.truncate_from_start(15));
  EXPECT_EQ(cache.serialize(), "0\n2\n1 15\n2 20\n");
  EXPECT_FALSE(cache.truncate_from_start(15));
  EXPECT_EQ(cache.epoch_at(14), -1);
  EXPECT_EQ(cache.epoch_at(19), 1);
  EXPECT_TRUE(cache.truncate_from_end(20));
  EXPECT_EQ(cache.latest_epoch(), 1);
}

// As Kafka's OffsetForLeaderEpoch answers: where the asked term, or the last one before it, ends.
TEST(LeaderEpochCache, KnowsWhereTermsEnd) {
  constexpr int64_t kLogEnd = 25;
  using End = std::pair<int32_t, int64_t>;
  LeaderEpochCache cache;
  const auto end_of = [&cache](int32_t epoch) {
    const EpochEndOffset end = cache.end_offset_for(epoch, kLogEnd);
    return End(end.leader_epoch, end.end_offset);
  };
  const End unknown(-1, -1);
  EXPECT_EQ(end_of(0), unknown);
  ASSERT_TRUE(cache.assign(1, 5));
  ASSERT_TRUE(cache.assign(3, 10));
  EXPECT_EQ(end_of(3), End(3, kLogEnd));
  EXPECT_EQ(end_of(2), End(1, 10));
  EXPECT_EQ(end_of(1), End(1, 10));
  EXPECT_EQ(end_of(0), End(0, 5));
  EXPECT_EQ(end_of(4), unknown);
  EXPECT_EQ(end_of(-1), unknown);
}

TEST(OffsetCheckpoint, ReadsAndWritesKafkasText) {
  const OffsetCheckpoint offsets = {{"a-b-1", 5}, {"topic-0", 7}};
  const std::string text = serialize_offset_checkpoint(offsets);
  EXPECT_EQ(text, "0\n2\na-b 1 5\ntopic 0 7\n");
  EXPECT_EQ(parse_offset_checkpoint(text).value(), offsets);
  for (const char* bad : {"0\n1\ntopic 0\n", "0\n2\ntopic 0 7\n", "0\n1\ntopic 0 -7\n", "2\n0\n"}) {
    EXPECT_FALSE(parse_offset_checkpoint(bad).is_ok()) << bad;
  }
}

TEST(CleanMarker, RoundTripsAndChecksItself) {
  CleanStates states;
  auto& state = states["topic-0"];
  state.log_start_offset = 5;
  state.end_offset = 30;
  state.has_snapshot = true;
  state.segments = {{0, 1000, 77, {99, 10}}, {20, 500, -1, {-1, -1}}};
  const std::string text = serialize_clean_marker(states);
  const auto parsed = parse_clean_marker(text);
  ASSERT_TRUE(parsed.is_ok()) << parsed.status().context();
  EXPECT_EQ(serialize_clean_marker(parsed.value()), text);
  for (size_t i = 0; i < text.size(); ++i) {
    std::string flipped = text;
    flipped[i] ^= 1;
    EXPECT_FALSE(parse_clean_marker(flipped).is_ok()) << i;
    EXPECT_FALSE(parse_clean_marker(text.substr(0, i)).is_ok()) << i;
  }
}

}  // namespace
}  // namespace millrace
