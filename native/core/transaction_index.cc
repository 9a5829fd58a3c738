#include "transaction_index.h"

#include <string>

#include "big_endian.h"
#include "big_endian_writer.h"

namespace millrace {

Result<TransactionIndex> TransactionIndex::parse(ByteView content) {
  if (content.size() % kEntrySize != 0) {
    return Status(Code::kCorruptLog,
                  "transaction index of " + std::to_string(content.size()) + " bytes");
  }
  TransactionIndex index;
  int64_t previous_last_offset = -1;
  for (const uint8_t* at = content.data(); at != content.data() + content.size();
       at += kEntrySize) {
    const AbortedTransaction entry = {
        load_big_endian<int64_t>(at + 2), load_big_endian<int64_t>(at + 10),
        load_big_endian<int64_t>(at + 18), load_big_endian<int64_t>(at + 26)};
    if (load_big_endian<int16_t>(at) != kVersion || entry.last_offset <= previous_last_offset ||
        entry.first_offset > entry.last_offset) {
      return Status(Code::kCorruptLog, "transaction index entry " +
                                           std::to_string(index.entries_.size()) +
                                           " does not continue");
    }
    previous_last_offset = entry.last_offset;
    index.entries_.push_back(entry);
  }
  return index;
}

bool TransactionIndex::collect(int64_t from, int64_t to,
                               std::vector<AbortedTransaction>& found) const {
  for (const AbortedTransaction& entry : entries_) {
    if (entry.last_offset >= from && entry.first_offset < to) found.push_back(entry);
    if (entry.last_stable_offset >= to) return true;
  }
  return false;
}

std::vector<uint8_t> TransactionIndex::serialize() const {
  std::vector<uint8_t> content;
  content.reserve(entries_.size() * kEntrySize);
  for (const AbortedTransaction& entry : entries_) {
    append_big_endian(content, kVersion);
    append_big_endian(content, entry.producer_id);
    append_big_endian(content, entry.first_offset);
    append_big_endian(content, entry.last_offset);
    append_big_endian(content, entry.last_stable_offset);
  }
  return content;
}

}  // namespace millrace
