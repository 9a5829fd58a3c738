#include "record.h"

#include <gtest/gtest.h>

#include "batch_builder.h"

namespace millrace {
namespace {

using testing::Bytes;

std::string text(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Varint, RoundTripsAcrossItsRange) {
  for (const int64_t value : {INT64_C(0), INT64_C(-1), INT64_C(63), INT64_C(64), INT64_C(-65),
                              int64_t{INT32_MAX}, int64_t{INT32_MIN}, INT64_MAX, INT64_MIN}) {
    Bytes bytes;
    testing::put_varint(bytes, value);
    MemorySource source(bytes.data(), bytes.data() + bytes.size());
    int64_t read = 0;
    ASSERT_EQ(read_varlong(source, read), VarintResult::kOk);
    EXPECT_EQ(read, value);
    EXPECT_EQ(source.left(), 0u);
    if (value != static_cast<int32_t>(value)) continue;
    MemorySource again(bytes.data(), bytes.data() + bytes.size());
    int32_t narrow = 0;
    ASSERT_EQ(read_varint(again, narrow), VarintResult::kOk);
    EXPECT_EQ(narrow, value);
  }
}

TEST(RecordIterator, ReturnsEveryFieldOfEveryRecord) {
  testing::RecordSpec first = {.key = "key", .value = std::nullopt, .timestamp_delta = -7};
  testing::RecordSpec second = {.value = "value", .headers = {{"h1", "x"}, {"h2", std::nullopt}}};
  const Bytes bytes = testing::build_records({first, second});
  RecordIterator records(bytes);
  RecordView record;
  ASSERT_TRUE(records.next(record));
  EXPECT_EQ(text(*record.key()), "key");
  EXPECT_FALSE(record.value().has_value());
  EXPECT_EQ(record.layout.timestamp_delta, -7);
  const size_t first_size = record.whole.size();
  ASSERT_TRUE(records.next(record));
  EXPECT_FALSE(record.key().has_value());
  EXPECT_EQ(text(*record.value()), "value");
  EXPECT_EQ(record.layout.offset_delta, 1);
  EXPECT_EQ(first_size + record.whole.size(), bytes.size());
  RecordHeaderIterator headers = record.headers();
  RecordHeader header;
  ASSERT_TRUE(headers.next(header));
  EXPECT_EQ(text(header.key), "h1");
  EXPECT_EQ(text(*header.value), "x");
  ASSERT_TRUE(headers.next(header));
  EXPECT_EQ(text(header.key), "h2");
  EXPECT_FALSE(header.value.has_value());
  EXPECT_FALSE(headers.next(header));
  EXPECT_FALSE(records.next(record));
  EXPECT_EQ(records.fault(), RecordFault::kNone);
}

TEST(RecordIterator, StopsAtTheFirstRecordThatDoesNotParse) {
  Bytes bytes = testing::build_records({{.value = "a"}, {.value = "b"}});
  bytes.pop_back();
  RecordIterator records(bytes);
  RecordView record;
  EXPECT_TRUE(records.next(record));
  EXPECT_FALSE(records.next(record));
  EXPECT_EQ(records.fault(), RecordFault::kEnded);
  EXPECT_FALSE(records.next(record));
}

}  // namespace
}  // namespace millrace
