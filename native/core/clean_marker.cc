#include "clean_marker.h"

#include <charconv>
#include <optional>
#include <vector>

#include "checkpoint_text.h"
#include "crc32c.h"
#include "file_io.h"

namespace millrace {
namespace {

constexpr std::string_view kTitle = "millrace-clean-shutdown";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kCrcLine = "crc ";

Status corrupt() { return Status(Code::kCorruptLog, "damaged clean-shutdown marker"); }

void add_field(std::string& text, int64_t value) { text.append(" ").append(std::to_string(value)); }

std::optional<std::vector<int64_t>> parse_integers(const std::vector<std::string_view>& fields,
                                                   size_t from, size_t count) {
  if (fields.size() != from + count) return std::nullopt;
  std::vector<int64_t> values;
  for (size_t i = from; i < fields.size(); ++i) {
    const std::optional<int64_t> value = parse_integer(fields[i]);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

// "partition <name> <log start> <end> <has snapshot>", then
// "segment <base> <bytes> <first timestamp> <largest timestamp> <its offset>" for each.
bool parse_line(const std::vector<std::string_view>& fields, CleanStates& states,
                PartitionLogImpl::CleanState*& current) {
  if (fields.empty()) return false;
  if (fields[0] == "partition") {
    const auto values = parse_integers(fields, 2, 3);
    if (!values) return false;
    current = &states[std::string(fields[1])];
    current->log_start_offset = (*values)[0];
    current->end_offset = (*values)[1];
    current->has_snapshot = (*values)[2] != 0;
    return true;
  }
  const auto values = parse_integers(fields, 1, 5);
  if (fields[0] != "segment" || !values || current == nullptr) return false;
  current->segments.push_back({(*values)[0],
                               static_cast<uint64_t>((*values)[1]),
                               (*values)[2],
                               {(*values)[3], (*values)[4]}});
  return true;
}

}  // namespace

std::string serialize_clean_marker(const CleanStates& states) {
  std::string text;
  text.append(kTitle).append(" ").append(kVersion).append("\n");
  for (const auto& [name, state] : states) {
    text.append("partition ").append(name);
    add_field(text, state.log_start_offset);
    add_field(text, state.end_offset);
    add_field(text, state.has_snapshot ? 1 : 0);
    text.append("\n");
    for (const auto& segment : state.segments) {
      text.append("segment");
      add_field(text, segment.base_offset);
      add_field(text, static_cast<int64_t>(segment.size_bytes));
      add_field(text, segment.first_timestamp_ms);
      add_field(text, segment.largest_timestamp.timestamp_ms);
      add_field(text, segment.largest_timestamp.offset);
      text.append("\n");
    }
  }
  const uint32_t crc = crc32c(0, bytes_of(text));
  return text.append(kCrcLine).append(std::to_string(crc)).append("\n");
}

Result<CleanStates> parse_clean_marker(std::string_view text) {
  const size_t title_end = text.find('\n');
  const std::vector<std::string_view> title = split_fields(text.substr(0, title_end));
  if (title_end == std::string_view::npos || title.size() != 2 || title[0] != kTitle) {
    return corrupt();
  }
  const size_t crc_at = text.rfind(kCrcLine);
  if (crc_at == std::string_view::npos || text.back() != '\n') return corrupt();
  const std::string_view crc_text =
      text.substr(crc_at + kCrcLine.size(), text.size() - crc_at - kCrcLine.size() - 1);
  if (parse_integer(crc_text) !=
      std::optional<int64_t>(crc32c(0, bytes_of(text.substr(0, crc_at))))) {
    return corrupt();
  }
  if (title[1] != kVersion) {
    return Status(Code::kNewerFormat, "clean-shutdown marker of version " + std::string(title[1]));
  }
  CleanStates states;
  PartitionLogImpl::CleanState* current = nullptr;
  std::string_view lines = text.substr(title_end + 1, crc_at - title_end - 1);
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (end == std::string_view::npos) return corrupt();
    if (!parse_line(split_fields(lines.substr(0, end)), states, current)) return corrupt();
    lines.remove_prefix(end + 1);
  }
  return states;
}

}  // namespace millrace
