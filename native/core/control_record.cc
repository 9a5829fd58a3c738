#include "control_record.h"

#include "batch.h"
#include "big_endian.h"
#include "record.h"

namespace millrace {
namespace {

constexpr int16_t kAbort = 0;
constexpr int16_t kCommit = 1;

}  // namespace

std::optional<EndTransactionMarker> parse_end_transaction_marker(ByteView batch) {
  if (batch.size() <= batch_format::kHeaderSize) return std::nullopt;
  RecordIterator records(batch.subspan(batch_format::kHeaderSize));
  RecordView record;
  if (!records.next(record)) return std::nullopt;
  const std::optional<ByteView> key = record.key();
  const std::optional<ByteView> value = record.value();
  if (!key || key->size() < 4 || !value || value->size() < 6) return std::nullopt;
  const int16_t type = load_big_endian<int16_t>(key->data() + 2);
  if (type != kAbort && type != kCommit) return std::nullopt;
  return EndTransactionMarker{type == kAbort, load_big_endian<int32_t>(value->data() + 2)};
}

}  // namespace millrace
