// The record of a control batch that ends a transaction (EndTxnMarker): its key says commit or
// abort, its value the epoch of the coordinator that wrote it.
#pragma once

#include <optional>

#include "bytes.h"
#include "producer_state.h"

namespace millrace {

// Nothing when the first record of `batch` (whole, uncompressed) is no such marker: other control
// records, of later versions, change no producer's state.
std::optional<EndTransactionMarker> parse_end_transaction_marker(ByteView batch);

}  // namespace millrace
