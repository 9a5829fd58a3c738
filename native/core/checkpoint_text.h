// The text of Kafka's checkpoint files: a version line "0", a line with the number of entries, and
// one line an entry with fields apart by spaces.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "status.h"

namespace millrace {

// The entry lines as views of `text`; kCorruptLog when version or count do not fit.
Result<std::vector<std::string_view>> parse_checkpoint_lines(std::string_view text);
std::vector<std::string_view> split_fields(std::string_view line);
std::optional<int64_t> parse_integer(std::string_view text);

// recovery-point-offset-checkpoint and log-start-offset-checkpoint: "<topic> <partition> <offset>"
// a line; the key is the partition's folder name.
using OffsetCheckpoint = std::map<std::string, int64_t>;
Result<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text);
std::string serialize_offset_checkpoint(const OffsetCheckpoint& offsets);

}  // namespace millrace
