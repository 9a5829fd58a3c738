#include "batch.h"

#include <gtest/gtest.h>

#include <random>

#include "batch_builder.h"

namespace millrace {
namespace {

using namespace batch_format;
using testing::BatchSpec;
using testing::build_batch;
using testing::Bytes;
using testing::overwrite;
using testing::plain_batch;
using testing::seal;

Result<BatchHeader> validate(const Bytes& batch, const ValidateOptions& options = {}) {
  const ByteView whole(batch);
  return validate_batch(ChunkList({&whole, 1}), 0, options);
}

Code code_of(const Bytes& batch, const ValidateOptions& options = {}) {
  return validate(batch, options).status().code();
}

template <typename Integer>
Bytes with(Bytes batch, size_t at, Integer value) {
  overwrite(batch, at, value);
  if (at >= kAttributes) seal(batch);
  return batch;
}

// The batch's records replaced, its header and CRC fitting them.
Bytes with_records(int count, const Bytes& records) {
  return testing::wrap_records(plain_batch(count, 1), records);
}

BatchSpec rich_batch() {
  BatchSpec spec = plain_batch(20, 300);
  spec.records[1].key = "";
  spec.records[2].key = std::string(200, 'k');
  spec.records[3].value = std::nullopt;
  spec.records[4].headers = {{"a", "1"}, {"", std::nullopt}, {"b", ""}};
  spec.records[5].timestamp_delta = 1'000'000'000'000;
  spec.records[6].timestamp_delta = -1'000'000;
  spec.records[7].value = std::string(20'000, 'v');
  return spec;
}

TEST(BatchHeader, IsReadWhateverTheChunkBorders) {
  BatchSpec spec = plain_batch(3, 10);
  spec.producer_id = 77;
  spec.producer_epoch = 5;
  spec.base_sequence = 9;
  spec.extra_attributes = kTransactionalMask;
  const Bytes batch = build_batch(spec);
  for (size_t cut = 0; cut <= kHeaderSize; ++cut) {
    const ByteView whole(batch);
    const ByteView pieces[] = {whole.first(cut), {}, whole.subspan(cut)};
    const BatchHeader header = read_batch_header(ChunkList(pieces), 0);
    EXPECT_EQ(header.size_bytes(), batch.size());
    EXPECT_EQ(header.magic, 2);
    EXPECT_EQ(header.records_count, 3);
    EXPECT_EQ(header.last_offset(), 2);
    EXPECT_EQ(header.producer_id, 77);
    EXPECT_EQ(header.producer_epoch, 5);
    EXPECT_EQ(header.base_sequence, 9);
    EXPECT_EQ(header.base_timestamp, spec.base_timestamp);
    EXPECT_TRUE(header.is_transactional());
  }
}

TEST(BatchHeader, LastSequenceWrapsToZero) {
  BatchHeader header;
  header.base_sequence = INT32_MAX - 1;
  header.last_offset_delta = 3;
  EXPECT_EQ(header.last_sequence(), 1);
  header.base_sequence = -1;
  EXPECT_EQ(header.last_sequence(), -1);
}

TEST(ValidateBatch, AcceptsWhatAClientSends) {
  const Result<BatchHeader> header = validate(build_batch(rich_batch()));
  ASSERT_TRUE(header.is_ok()) << header.status().context();
  EXPECT_EQ(header.value().records_count, 20);
}

TEST(ValidateBatch, AcceptsEveryCodec) {
  for (int codec = 0; codec <= 4; ++codec) {
    BatchSpec spec = rich_batch();
    spec.compression = static_cast<Compression>(codec);
    EXPECT_TRUE(validate(build_batch(spec)).is_ok()) << codec;
  }
}

TEST(ValidateBatch, AnswersAlikeWhereverTheChunksAreCut) {
  const Bytes good = build_batch(rich_batch());
  const Bytes bad = with(good, good.size() - 3, uint8_t{0x41});
  for (const Bytes* batch : {&good, &bad}) {
    const Code expected = code_of(*batch);
    for (size_t cut = 0; cut <= batch->size(); cut += cut < 2000 ? 1 : 61) {
      const ByteView whole(*batch);
      const ByteView pieces[] = {whole.first(cut), whole.subspan(cut)};
      const Result<BatchHeader> result = validate_batch(ChunkList(pieces), 0, {});
      ASSERT_EQ(result.status().code(), expected) << cut;
    }
  }
  std::vector<ByteView> single_bytes;
  for (const uint8_t& byte : good) single_bytes.emplace_back(&byte, 1);
  EXPECT_TRUE(validate_batch(ChunkList(single_bytes), 0, {}).is_ok());
}

TEST(ValidateBatch, RefusesLengthsThatLie) {
  const Bytes batch = build_batch(plain_batch(3, 10));
  for (const int32_t length : {-1, 0, 48, INT32_MIN, INT32_MAX}) {
    const Code code = code_of(with(batch, kLength, length));
    EXPECT_EQ(code, Code::kCorruptBatch) << length;
  }
  const auto right = static_cast<int32_t>(batch.size() - kLogOverhead);
  EXPECT_EQ(code_of(with(batch, kLength, right + 1)), Code::kCorruptBatch);
  EXPECT_EQ(code_of(with(batch, kLength, right - 1)), Code::kCorruptBatch);  // the CRC covers less
  EXPECT_EQ(code_of(Bytes(batch.begin(), batch.begin() + 60)), Code::kCorruptBatch);
  EXPECT_EQ(code_of({}), Code::kCorruptBatch);
}

TEST(ValidateBatch, RefusesOtherMagics) {
  const Bytes batch = build_batch(plain_batch(3, 10));
  EXPECT_EQ(code_of(with(batch, kMagic, uint8_t{0})), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kMagic, uint8_t{1})), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kMagic, uint8_t{3})), Code::kCorruptBatch);
  EXPECT_EQ(code_of(with(batch, kMagic, uint8_t{255})), Code::kCorruptBatch);
}

TEST(ValidateBatch, RefusesEveryFlippedBitUnderTheCrc) {
  const Bytes batch = build_batch(plain_batch(2, 20));
  for (size_t at = kCrc; at < batch.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes flipped = batch;
      flipped[at] ^= static_cast<uint8_t>(1 << bit);
      ASSERT_EQ(code_of(flipped), Code::kCorruptBatch) << at;
    }
  }
}

TEST(ValidateBatch, RefusesWhatIsLargerThanTheTopicTakes) {
  ValidateOptions options;
  const Bytes batch = build_batch(plain_batch(3, 10));
  options.max_batch_bytes = static_cast<uint32_t>(batch.size());
  EXPECT_EQ(code_of(batch, options), Code::kOk);
  options.max_batch_bytes -= 1;
  EXPECT_EQ(code_of(batch, options), Code::kTooLarge);
}

TEST(ValidateBatch, RefusesCountsAndOffsetsThatLie) {
  const Bytes batch = build_batch(plain_batch(3, 10));
  for (const int32_t count : {-1, 0, 2, 4, INT32_MAX}) {
    EXPECT_EQ(code_of(with(batch, kRecordsCount, count)), Code::kInvalidRecord) << count;
    const Bytes consistent = with(with(batch, kRecordsCount, count), kLastOffsetDelta, count - 1);
    EXPECT_EQ(code_of(consistent), Code::kInvalidRecord) << count;
  }
  for (const int32_t delta : {-1, 0, 1, 3, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(code_of(with(batch, kLastOffsetDelta, delta)), Code::kInvalidRecord) << delta;
  }
  EXPECT_EQ(code_of(with(batch, kBaseOffset, int64_t{1})), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kBaseOffset, int64_t{-1})), Code::kInvalidRecord);
}

TEST(ValidateBatch, RefusesControlBatchesAndUnknownCodecs) {
  const Bytes batch = build_batch(plain_batch(1, 10));
  EXPECT_EQ(code_of(with(batch, kAttributes, kControlMask)), Code::kInvalidRecord);
  for (uint16_t codec = 5; codec <= 7; ++codec) {
    EXPECT_EQ(code_of(with(batch, kAttributes, codec)), Code::kUnsupportedCompression);
  }
  ValidateOptions replica;
  replica.from_client = false;
  EXPECT_EQ(code_of(with(batch, kAttributes, kControlMask), replica), Code::kOk);
}

TEST(ValidateBatch, RefusesProducerFieldsThatDoNotFit) {
  const Bytes batch = build_batch(plain_batch(1, 10));
  EXPECT_EQ(code_of(with(batch, kProducerId, int64_t{5})), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kProducerId, int64_t{-2})), Code::kOk);  // as Kafka: none
  EXPECT_EQ(code_of(with(batch, kAttributes, kTransactionalMask)), Code::kInvalidRecord);
  Bytes idempotent = with(with(batch, kProducerId, int64_t{5}), kProducerEpoch, int16_t{0});
  EXPECT_EQ(code_of(idempotent), Code::kInvalidRecord);  // no sequence
  idempotent = with(idempotent, kBaseSequence, int32_t{0});
  EXPECT_EQ(code_of(idempotent), Code::kOk);
  // As Kafka: the epoch is held against the producer's last one only.
  EXPECT_EQ(code_of(with(idempotent, kProducerEpoch, int16_t{-1})), Code::kOk);
}

TEST(ValidateBatch, HoldsTimestampsAgainstTheHeaderAndTheTopic) {
  BatchSpec spec = plain_batch(3, 10);
  spec.records[1].timestamp_delta = 500;
  const Bytes batch = build_batch(spec);
  const Result<BatchHeader> wrong = validate(with(batch, kMaxTimestamp, spec.base_timestamp + 499));
  EXPECT_EQ(wrong.value().records_max_timestamp, spec.base_timestamp + 500);
  ValidateOptions replica;
  replica.from_client = false;
  EXPECT_EQ(code_of(with(batch, kMaxTimestamp, spec.base_timestamp + 499), replica),
            Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kBaseTimestamp, INT64_MAX - 100)), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with(batch, kMaxTimestamp, int64_t{-2})), Code::kOk);
  ValidateOptions options;
  options.latest_timestamp_ms = spec.base_timestamp + 499;
  const Result<BatchHeader> late = validate(batch, options);
  EXPECT_EQ(late.status().code(), Code::kInvalidTimestamp);
  EXPECT_EQ(late.status().record_index(), 1);
  options.latest_timestamp_ms = INT64_MAX;
  options.earliest_timestamp_ms = spec.base_timestamp + 1;
  EXPECT_EQ(validate(batch, options).status().record_index(), 0);
  spec.base_timestamp = -1;
  spec.records = {testing::RecordSpec{}};
  EXPECT_EQ(code_of(build_batch(spec), options), Code::kOk);  // -1 says: no timestamp
  spec.base_timestamp = -2;
  EXPECT_EQ(code_of(build_batch(spec)), Code::kOk);
  EXPECT_EQ(validate(build_batch(spec)).value().records_max_timestamp, -1);
}

TEST(ValidateBatch, NamesTheRecordThatIsWrong) {
  BatchSpec spec = plain_batch(3, 10);
  spec.records[0].key = spec.records[1].key = "key";
  ValidateOptions options;
  options.require_key = true;
  for (const auto codec : {Compression::kNone, Compression::kZstd}) {
    spec.compression = codec;
    const Result<BatchHeader> result = validate(build_batch(spec), options);
    EXPECT_EQ(result.status().code(), Code::kInvalidRecord);
    EXPECT_EQ(result.status().record_index(), 2);
    EXPECT_NE(result.status().context().find("without a key"), std::string::npos);
  }
}

TEST(ValidateBatch, RefusesRecordsThatLie) {
  const Bytes record = testing::build_record({.value = "0123456789"}, 0);
  // length, attributes, timestamp delta, offset delta, key length, value length, value, headers
  constexpr size_t kOffsetDelta = 3, kKeyLength = 4, kValueLength = 5;
  ASSERT_EQ(code_of(with_records(1, record)), Code::kOk);
  for (const auto& [at, value] : std::vector<std::pair<size_t, uint8_t>>{
           {0, 0x00},  // an empty record
           {0, 0x01},  // length -1
           {0, 0x7E},  // longer than the batch
           {0, static_cast<uint8_t>(record[0] - 2)},
           {kOffsetDelta, 0x02},          // offset delta 1
           {kOffsetDelta, 0x01},          // offset delta -1
           {kKeyLength, 0x7E},            // a key longer than the record
           {kValueLength, 0x16},          // swallows the count of headers
           {kValueLength, 0x12},          // leaves a byte that is then taken for it
           {record.size() - 1, 0x02},     // one header, and no bytes for it
           {record.size() - 1, 0x01}}) {  // -1 headers
    Bytes lying = record;
    lying[at] = value;
    const Result<BatchHeader> result = validate(with_records(1, lying));
    EXPECT_EQ(result.status().code(), Code::kInvalidRecord) << at << " " << int{value};
    EXPECT_EQ(result.status().record_index(), -1) << at << " " << int{value};
  }
}

TEST(ValidateBatch, RefusesRecordsBeyondOrBelowTheCount) {
  Bytes records = testing::build_records(plain_batch(3, 10).records);
  EXPECT_EQ(code_of(with_records(2, records)), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with_records(4, records)), Code::kInvalidRecord);
  records.push_back(0);
  EXPECT_EQ(code_of(with_records(3, records)), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with_records(1, {})), Code::kInvalidRecord);
}

TEST(ValidateBatch, RefusesVarintsThatDoNotEnd) {
  EXPECT_EQ(code_of(with_records(1, Bytes(5, 0xFF))), Code::kInvalidRecord);
  EXPECT_EQ(code_of(with_records(1, Bytes(4, 0xFF))), Code::kInvalidRecord);
  Bytes record = {0, 0};
  record.insert(record.end(), 10, 0xFF);  // a timestamp delta of more than ten bytes
  record.insert(record.end(), {0x00, 0x00, 0x01, 0x01, 0x00});
  record[0] = static_cast<uint8_t>(2 * (record.size() - 1));
  EXPECT_EQ(code_of(with_records(1, record)), Code::kInvalidRecord);
}

TEST(ValidateBatch, RefusesHeadersThatLie) {
  const auto with_header_bytes = [](const Bytes& headers) {
    Bytes body = {0, 0, 0, 0x01, 0x01};  // null key and value
    body.insert(body.end(), headers.begin(), headers.end());
    Bytes record;
    testing::put_varint(record, static_cast<int64_t>(body.size()));
    record.insert(record.end(), body.begin(), body.end());
    return code_of(with_records(1, record));
  };
  EXPECT_EQ(with_header_bytes({0x02, 0x02, 'k', 0x02, 'v'}), Code::kOk);
  EXPECT_EQ(with_header_bytes({0x02, 0x02, 'k', 0x01}), Code::kOk);             // a null value
  EXPECT_EQ(with_header_bytes({0x02, 0x01, 0x02, 'v'}), Code::kInvalidRecord);  // a null key
  EXPECT_EQ(with_header_bytes({0x02, 0x7E, 'k', 0x02, 'v'}), Code::kInvalidRecord);
  EXPECT_EQ(with_header_bytes({0x04, 0x02, 'k', 0x02, 'v'}), Code::kInvalidRecord);
  EXPECT_EQ(with_header_bytes({0xFE, 0xFF, 0xFF, 0xFF, 0x0F}), Code::kInvalidRecord);
}

TEST(ValidateBatch, RefusesCompressedRecordsThatDoNotDecode) {
  for (int codec = 1; codec <= 4; ++codec) {
    BatchSpec spec = plain_batch(50, 100);
    spec.compression = static_cast<Compression>(codec);
    EXPECT_EQ(code_of(testing::wrap_records(spec, Bytes(30, 0x5A))), Code::kUndecodable) << codec;
    EXPECT_EQ(code_of(testing::wrap_records(spec, {})), Code::kUndecodable) << codec;
    Bytes stored = compress(spec.compression, testing::build_records(spec.records), 0).take();
    stored.pop_back();
    EXPECT_EQ(code_of(testing::wrap_records(spec, stored)), Code::kUndecodable) << codec;
    spec.records.pop_back();  // the count then lies about what is inside
    stored =
        compress(spec.compression, testing::build_records(plain_batch(50, 100).records), 0).take();
    EXPECT_EQ(code_of(testing::wrap_records(spec, stored)), Code::kInvalidRecord) << codec;
  }
}

TEST(ValidateBatch, StopsAtTheCapOnDecompressedBytes) {
  BatchSpec spec = plain_batch(1, 4u << 20);
  ValidateOptions options;
  options.max_decompressed_bytes = 1u << 20;
  for (int codec = 1; codec <= 4; ++codec) {
    spec.compression = static_cast<Compression>(codec);
    EXPECT_EQ(code_of(build_batch(spec), options), Code::kTooLarge) << codec;
  }
}

TEST(ValidateBatch, TrustsTheHeaderWhenToldTo) {
  ValidateOptions options;
  options.depth = ValidateDepth::kHeader;
  EXPECT_EQ(code_of(with_records(1, Bytes(30, 0xFF)), options), Code::kOk);
  EXPECT_EQ(code_of(with(with_records(1, {}), kRecordsCount, int32_t{0}), options),
            Code::kInvalidRecord);
}

TEST(ValidateBatch, LetsReplicasCarryWhatCompactionLeft) {
  ValidateOptions replica;
  replica.from_client = false;
  BatchSpec spec = plain_batch(0, 0);
  const Bytes empty = with(build_batch(spec), kLastOffsetDelta, int32_t{9});
  EXPECT_EQ(code_of(empty, replica), Code::kOk);
  Bytes records = testing::build_record({}, 3);
  const Bytes second = testing::build_record({}, 7);
  records.insert(records.end(), second.begin(), second.end());
  Bytes gaps = with(with_records(2, records), kLastOffsetDelta, int32_t{9});
  overwrite(gaps, kBaseOffset, int64_t{1000});
  EXPECT_EQ(code_of(gaps, replica), Code::kOk);
  EXPECT_EQ(code_of(with(gaps, kLastOffsetDelta, int32_t{6}), replica), Code::kInvalidRecord);
}

TEST(ValidateBatches, TakesOneFromAClientAndManyFromAReplica) {
  Bytes two = build_batch(plain_batch(3, 10));
  const Bytes one = two;
  two.insert(two.end(), one.begin(), one.end());
  const ByteView whole(two);
  const ChunkList chunks({&whole, 1});
  EXPECT_EQ(validate_batches(chunks, {}).status().code(), Code::kInvalidRecord);
  ValidateOptions replica;
  replica.from_client = false;
  ASSERT_TRUE(validate_batches(chunks, replica).is_ok());
  EXPECT_EQ(validate_batches(chunks, replica).value().size(), 2u);
  const ByteView cut = whole.first(two.size() - 1);
  EXPECT_EQ(validate_batches(ChunkList({&cut, 1}), replica).status().code(), Code::kCorruptBatch);
  EXPECT_EQ(validate_batches(ChunkList({}), {}).status().code(), Code::kInvalidRecord);
}

}  // namespace
}  // namespace millrace
