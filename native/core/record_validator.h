// Holds the records of one batch against its header, as they come: from the chunks of a socket, or
// piece by piece from a decompressor. Reads each byte of structure once, keeps no record.
#pragma once

#include <cstdint>
#include <vector>

#include "batch.h"
#include "bytes.h"
#include "record.h"
#include "status.h"

namespace millrace {

class RecordValidator {
 public:
  // Both must outlive it.
  RecordValidator(const BatchHeader& header, const ValidateOptions& options);

  // All the records at once: [from, from + length) of `chunks`. Copies nothing, whatever the
  // borders.
  Status check(const ChunkList& chunks, size_t from, size_t length);

  // Piecewise. A record cut by the end of a piece is kept until the rest of it comes, so the memory
  // it takes is that of one record.
  Status feed(ByteView piece);
  Status finish();

  // Of the records seen so far; -1 where none has one, as in Kafka.
  int64_t max_timestamp() const { return max_timestamp_; }

 private:
  // Records that lie whole within [begin, end); returns where the first one that does not begins.
  const uint8_t* check_whole_records(const uint8_t* begin, const uint8_t* end);
  size_t complete_carried(ByteView piece);
  template <typename Source>
  void check_body(Source& source, RecordLayout& record);
  bool check_against_header(const RecordLayout& record);
  bool check_timestamp(int64_t delta);
  std::string numbered(std::string context) const;
  void fail(Code code, std::string context);
  // What Kafka blames on the record and not on the batch.
  void fail_record(Code code, std::string context);
  void fail(RecordFault fault);
  Status take_status();

  const BatchHeader& header_;
  const ValidateOptions& options_;
  const bool offsets_are_dense_;
  int32_t records_done_ = 0;
  int32_t last_offset_delta_ = -1;
  int64_t max_timestamp_ = -1;
  std::vector<uint8_t> carried_;
  Status status_;
};

}  // namespace millrace
