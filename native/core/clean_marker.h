// The clean-shutdown marker of a data directory: what every partition held when it was closed, so
// that a start after it opens no segment. Text, ending with a CRC-32C of what stands before.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "partition_log_impl.h"
#include "status.h"

namespace millrace {

inline constexpr std::string_view kCleanMarkerFile = ".millrace-clean-shutdown";

using CleanStates = std::map<std::string, PartitionLogImpl::CleanState>;

std::string serialize_clean_marker(const CleanStates& states);
// kCorruptLog: nothing of it may be believed. kNewerFormat: of a later version.
Result<CleanStates> parse_clean_marker(std::string_view text);

}  // namespace millrace
