#include "record_validator.h"

#include <algorithm>
#include <string>

namespace millrace {
namespace {

// Bytes from a list of chunks, limited to one record. Only records that a chunk border cuts are
// read through it.
class ChunkSource {
 public:
  ChunkSource(const ChunkList& chunks, size_t left) : chunks_(chunks.chunks()), left_(left) {}

  size_t left() const { return left_; }
  bool next(uint8_t& byte) {
    if (left_ == 0) return false;
    settle();
    byte = chunks_[chunk_][at_++];
    --left_;
    return true;
  }
  bool skip(size_t count) {
    if (count > left_) return false;
    left_ -= count;
    while (count > 0) {
      settle();
      const size_t step = std::min(count, chunks_[chunk_].size() - at_);
      at_ += step;
      count -= step;
    }
    return true;
  }
  // The rest of the current chunk, as far as the limit reaches.
  ByteView contiguous() {
    if (left_ == 0) return {};
    settle();
    return chunks_[chunk_].subspan(at_, std::min(left_, chunks_[chunk_].size() - at_));
  }
  // Another source of the next `count` bytes.
  ChunkSource part(size_t count) const {
    ChunkSource source = *this;
    source.left_ = count;
    return source;
  }

 private:
  void settle() {
    while (at_ == chunks_[chunk_].size()) {
      ++chunk_;
      at_ = 0;
    }
  }

  std::span<const ByteView> chunks_;
  size_t chunk_ = 0;
  size_t at_ = 0;
  size_t left_;
};

}  // namespace

RecordValidator::RecordValidator(const BatchHeader& header, const ValidateOptions& options)
    : header_(header), options_(options), offsets_are_dense_(options.from_client) {}

std::string RecordValidator::numbered(std::string context) const {
  return "record " + std::to_string(records_done_) + ": " + std::move(context);
}

void RecordValidator::fail(Code code, std::string context) {
  status_ = Status(code, numbered(std::move(context)));
}

void RecordValidator::fail_record(Code code, std::string context) {
  status_ = Status(code, numbered(std::move(context))).at_record(records_done_);
}

void RecordValidator::fail(RecordFault fault) { fail(Code::kInvalidRecord, describe(fault)); }

Status RecordValidator::take_status() { return std::move(status_); }

bool RecordValidator::check_timestamp(int64_t delta) {
  int64_t timestamp;
  if (__builtin_add_overflow(header_.base_timestamp, delta, &timestamp)) {
    fail(Code::kInvalidRecord, "timestamp overflows");
    return false;
  }
  max_timestamp_ = std::max(max_timestamp_, timestamp);
  if (timestamp > header_.max_timestamp && !options_.from_client) {
    fail(Code::kInvalidRecord, "timestamp " + std::to_string(timestamp) +
                                   " is above the batch's max timestamp " +
                                   std::to_string(header_.max_timestamp));
    return false;
  }
  const bool in_range =
      timestamp >= options_.earliest_timestamp_ms && timestamp <= options_.latest_timestamp_ms;
  if (in_range || timestamp == -1 || !options_.from_client) [[likely]]
    return true;
  fail_record(Code::kInvalidTimestamp, "timestamp " + std::to_string(timestamp) +
                                           " is outside the range that the topic accepts");
  return false;
}

bool RecordValidator::check_against_header(const RecordLayout& record) {
  const bool right_offset = offsets_are_dense_
                                ? record.offset_delta == records_done_
                                : record.offset_delta > last_offset_delta_ &&
                                      record.offset_delta <= header_.last_offset_delta;
  if (!right_offset) [[unlikely]] {
    fail(Code::kInvalidRecord, "offset delta " + std::to_string(record.offset_delta) + " where " +
                                   std::to_string(last_offset_delta_ + 1) + " is next");
    return false;
  }
  if (options_.require_key && record.key_length < 0) [[unlikely]] {
    fail_record(Code::kInvalidRecord, "a compacted topic takes no record without a key");
    return false;
  }
  // With LogAppendTime the header's max timestamp is every record's.
  if (!header_.is_log_append_time() && !check_timestamp(record.timestamp_delta)) return false;
  last_offset_delta_ = record.offset_delta;
  ++records_done_;
  return true;
}

template <typename Source>
void RecordValidator::check_body(Source& source, RecordLayout& record) {
  if (records_done_ == header_.records_count) [[unlikely]] {
    fail(Code::kInvalidRecord,
         "more records than the batch's count of " + std::to_string(header_.records_count));
    return;
  }
  const RecordFault fault = read_record_body(source, record);
  if (fault != RecordFault::kNone) [[unlikely]] {
    fail(fault);
    return;
  }
  check_against_header(record);
}

const uint8_t* RecordValidator::check_whole_records(const uint8_t* begin, const uint8_t* end) {
  RecordLayout record;
  while (begin != end) {
    MemorySource source(begin, end);
    const RecordFault fault = record_detail::read_length(source, record.length);
    if (fault == RecordFault::kEnded) return begin;
    if (fault != RecordFault::kNone || record.length < 0) [[unlikely]] {
      fail(fault != RecordFault::kNone ? fault : RecordFault::kLength);
      return begin;
    }
    if (static_cast<size_t>(record.length) > source.left()) return begin;
    MemorySource body(source.at(), source.at() + record.length);
    check_body(body, record);
    if (!status_.is_ok()) [[unlikely]]
      return begin;
    begin = source.at() + record.length;
  }
  return begin;
}

Status RecordValidator::check(const ChunkList& chunks, size_t from, size_t length) {
  ChunkSource all(chunks, from + length);
  all.skip(from);
  while (all.left() > 0 && status_.is_ok()) {
    const ByteView piece = all.contiguous();
    const uint8_t* const reached = check_whole_records(piece.data(), piece.data() + piece.size());
    all.skip(static_cast<size_t>(reached - piece.data()));
    if (!status_.is_ok() || all.left() == 0) break;
    // The next record is cut by the border, or says that it is longer than the batch.
    RecordLayout record;
    const RecordFault fault = record_detail::read_length(all, record.length);
    if (fault != RecordFault::kNone) {
      fail(fault);
    } else if (record.length < 0) {
      fail(RecordFault::kLength);
    } else if (static_cast<size_t>(record.length) > all.left()) {
      fail(RecordFault::kEnded);
    } else {
      ChunkSource body = all.part(static_cast<size_t>(record.length));
      check_body(body, record);
      all.skip(static_cast<size_t>(record.length));
    }
  }
  return finish();
}

// Takes from `piece` what the carried record lacks, and checks it once it is whole. Returns the
// bytes taken.
size_t RecordValidator::complete_carried(ByteView piece) {
  size_t taken = 0;
  RecordLayout record;
  while (status_.is_ok()) {
    MemorySource source(carried_.data(), carried_.data() + carried_.size());
    const RecordFault fault = record_detail::read_length(source, record.length);
    size_t missing = 1;
    if (fault == RecordFault::kNone && record.length >= 0) {
      if (source.left() == static_cast<size_t>(record.length)) {
        check_body(source, record);
        carried_.clear();
        return taken;
      }
      missing = static_cast<size_t>(record.length) - source.left();
    } else if (fault != RecordFault::kEnded) {
      fail(fault != RecordFault::kNone ? fault : RecordFault::kLength);
      return taken;
    }
    const ByteView more = piece.subspan(taken, std::min(missing, piece.size() - taken));
    if (more.empty()) return taken;
    carried_.insert(carried_.end(), more.begin(), more.end());
    taken += more.size();
  }
  return taken;
}

Status RecordValidator::feed(ByteView piece) {
  if (!carried_.empty()) piece = piece.subspan(complete_carried(piece));
  if (!status_.is_ok() || piece.empty()) return status_;
  const uint8_t* const end = piece.data() + piece.size();
  const uint8_t* const reached = check_whole_records(piece.data(), end);
  if (status_.is_ok()) carried_.assign(reached, end);
  return status_;
}

Status RecordValidator::finish() {
  if (status_.is_ok() && !carried_.empty()) fail(RecordFault::kEnded);
  if (status_.is_ok() && records_done_ != header_.records_count) {
    return Status(Code::kInvalidRecord, "the batch holds " + std::to_string(records_done_) +
                                            " records, its count says " +
                                            std::to_string(header_.records_count));
  }
  return take_status();
}

}  // namespace millrace
