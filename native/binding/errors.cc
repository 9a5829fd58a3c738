#include "errors.h"

namespace millrace::binding {

const char* code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
    case Code::kIoError:
      return "IO_ERROR";
    case Code::kNoSpace:
      return "NO_SPACE";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kExists:
      return "EXISTS";
    case Code::kLocked:
      return "LOCKED";
    case Code::kPermission:
      return "PERMISSION";
    case Code::kTooManyFiles:
      return "TOO_MANY_FILES";
    case Code::kClosed:
      return "CLOSED";
    case Code::kOffline:
      return "OFFLINE";
    case Code::kNewerFormat:
      return "NEWER_FORMAT";
    case Code::kWrongDirectory:
      return "WRONG_DIRECTORY";
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kCorruptBatch:
      return "CORRUPT_BATCH";
    case Code::kInvalidRecord:
      return "INVALID_RECORD";
    case Code::kTooLarge:
      return "TOO_LARGE";
    case Code::kInvalidTimestamp:
      return "INVALID_TIMESTAMP";
    case Code::kUnsupportedCompression:
      return "UNSUPPORTED_COMPRESSION";
    case Code::kOutOfOrderSequence:
      return "OUT_OF_ORDER_SEQUENCE";
    case Code::kDuplicateSequence:
      return "DUPLICATE_SEQUENCE";
    case Code::kInvalidProducerEpoch:
      return "INVALID_PRODUCER_EPOCH";
    case Code::kUnknownProducer:
      return "UNKNOWN_PRODUCER";
    case Code::kInvalidTxnState:
      return "INVALID_TXN_STATE";
    case Code::kFencedLeaderEpoch:
      return "FENCED_LEADER_EPOCH";
    case Code::kUnknownLeaderEpoch:
      return "UNKNOWN_LEADER_EPOCH";
    case Code::kNotLeader:
      return "NOT_LEADER";
    case Code::kUndecodable:
      return "UNDECODABLE";
    case Code::kOffsetOutOfRange:
      return "OFFSET_OUT_OF_RANGE";
    case Code::kCorruptLog:
      return "CORRUPT";
    case Code::kCold:
      return "COLD";
  }
  return "UNKNOWN";
}

Napi::Error to_error(Napi::Env env, const Status& status, const std::string& path) {
  const std::string message =
      status.context().empty() ? code_name(status.code()) : status.context();
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code_name(status.code())));
  if (status.errno_value() != 0) error.Set("errno", Napi::Number::New(env, status.errno_value()));
  if (!path.empty()) error.Set("path", Napi::String::New(env, path));
  return error;
}

}  // namespace millrace::binding
