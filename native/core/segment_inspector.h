// Reads a .log file batch by batch for people: what is in it, and what is wrong with it. Needs no
// open log, changes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch.h"
#include "file_system.h"
#include "status.h"

namespace millrace {

struct InspectedBatch {
  uint64_t position = 0;
  BatchHeader header;
  Status verdict;  // ok, or what validate_batch() says of it
};

// Where a run of batches stopped.
enum class InspectionEnd {
  kMore,   // as many as were asked for
  kEnd,    // the file ends with its last batch
  kZeros,  // preallocated space follows
  kTorn,   // a batch begins that the file does not hold whole, or no batch begins here
};

struct Inspection {
  std::vector<InspectedBatch> batches;
  InspectionEnd end = InspectionEnd::kEnd;
  uint64_t next_position = 0;  // behind the last batch
  uint64_t file_bytes = 0;
};

class SegmentInspector {
 public:
  static Result<SegmentInspector> open(FileSystem& files, const std::string& path);

  // Up to `max_batches` from `position`, which is where a batch begins. A batch whose length makes
  // sense is listed with its verdict, however bad, and the next one is looked for behind it.
  Result<Inspection> inspect(uint64_t position, size_t max_batches) const;
  // The records of the batch at `position`, decompressed: everything behind its header.
  Result<std::vector<uint8_t>> records(uint64_t position, uint64_t max_output_bytes) const;

 private:
  struct Found {
    InspectionEnd end = InspectionEnd::kMore;  // kMore: `bytes` holds a batch
    std::vector<uint8_t> bytes;
  };
  SegmentInspector(std::unique_ptr<File> file, uint64_t file_bytes)
      : file_(std::move(file)), file_bytes_(file_bytes) {}
  Result<Found> batch_at(uint64_t position) const;

  std::unique_ptr<File> file_;
  uint64_t file_bytes_;
};

}  // namespace millrace
