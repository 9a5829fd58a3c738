// Status and Result: how every function of native/core reports failure. Core never throws; the
// binding turns a Status into a JavaScript Error in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace millrace {

enum class Code : int16_t {
  kOk = 0,
  // The file layer.
  kIoError = 1,  // errno_value says which; final for the directory when it came from a write
  kNoSpace = 2,  // ENOSPC or EDQUOT at preallocation: nothing was changed
  kNotFound = 3,
  kExists = 4,
  kLocked = 5,  // another process holds the directory
  kPermission = 6,
  kTooManyFiles = 7,  // EMFILE, ENFILE or the kernel's limit of mappings
  kClosed = 8,
  kOffline = 9,          // the log directory failed earlier; nothing is accepted any more
  kNewerFormat = 10,     // on disk by a later version
  kWrongDirectory = 11,  // meta.properties names another cluster, broker or directory
  kInvalidArgument = 12,
  // What a client sent.
  kCorruptBatch = 20,   // length, magic or CRC
  kInvalidRecord = 21,  // CRC right, content wrong; record_index says which record
  kTooLarge = 22,
  kInvalidTimestamp = 23,
  kUnsupportedCompression = 24,
  kOutOfOrderSequence = 25,
  kDuplicateSequence = 26,  // older than the five batches remembered
  kInvalidProducerEpoch = 27,
  kUnknownProducer = 28,
  kInvalidTxnState = 29,
  kFencedLeaderEpoch = 30,
  kUnknownLeaderEpoch = 31,
  kNotLeader = 32,
  kUndecodable = 33,  // CRC right, but the codec that the batch names cannot decompress it
  // Reading.
  kOffsetOutOfRange = 40,
  kCorruptLog = 41,  // a stored batch below the checkpoint is bad
  kCold = 42,        // the bytes are not in memory: read again off the event loop
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(Code code, std::string context = {}, int errno_value = 0)
      : code_(code), errno_value_(errno_value), context_(std::move(context)) {}
  static Status ok() { return {}; }
  bool is_ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  int errno_value() const { return errno_value_; }
  // What was wrong, for a person: names the file and offset, or the field and its value.
  const std::string& context() const { return context_; }
  // The index of the offending record within its batch for kInvalidRecord, else -1.
  int32_t record_index() const { return record_index_; }
  Status&& at_record(int32_t index) && {
    record_index_ = index;
    return std::move(*this);
  }

 private:
  Code code_ = Code::kOk;
  int errno_value_ = 0;
  int32_t record_index_ = -1;
  std::string context_;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {}
  bool is_ok() const { return status_.is_ok(); }
  const Status& status() const { return status_; }
  Status take_status() { return std::move(status_); }
  T& value() { return *value_; }
  const T& value() const { return *value_; }
  T take() { return std::move(*value_); }

 private:
  Status status_;
  std::optional<T> value_;
};

}  // namespace millrace
