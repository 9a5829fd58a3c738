// Steps from batch header to batch header of a segment through its read windows. Not thread-safe;
// holds the window of the last header.
#pragma once

#include <cstdint>
#include <vector>

#include "batch.h"
#include "read_windows.h"
#include "segment.h"
#include "status.h"

namespace millrace {

class BatchWalker {
 public:
  // No position at or above `end` is touched. When `may_block` is false, kCold answers instead of
  // touching a page that is not in memory.
  struct Range {
    uint64_t end;
    uint64_t file_bytes;
    bool may_block;
  };
  BatchWalker(DirectoryContext& context, Segment& segment, const Range& range)
      : context_(context), segment_(segment), range_(range) {}

  const Range& range() const { return range_; }

  // The header of the batch at `position`. kCorruptLog when none can be there.
  Result<BatchHeader> header_at(uint64_t position);
  // From `from`, a batch's position at or below it, to the first batch that holds an offset of at
  // least `offset`; the end of the range when there is none.
  Result<uint64_t> find_offset(uint64_t from, int64_t offset);
  // Checks, or with may_block brings about, that the bytes are in memory.
  Status require_resident(uint64_t begin, uint64_t end);
  // The window of `position`, mapped up to `needed_end` or its own end.
  Result<ReadWindow> window_at(uint64_t position, uint64_t needed_end);
  Status copy(uint64_t position, MutableBytes target);

 private:
  DirectoryContext& context_;
  Segment& segment_;
  const Range range_;
  ReadWindow window_;
  uint64_t resident_begin_ = 0;
  uint64_t resident_end_ = 0;
};

}  // namespace millrace
