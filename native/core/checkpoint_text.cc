#include "checkpoint_text.h"

#include <charconv>

#include "log_file_names.h"

namespace millrace {
namespace {

std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Status corrupt(const std::string& what) { return Status(Code::kCorruptLog, "checkpoint: " + what); }

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (!line.empty()) {
    const size_t end = std::min(line.find(' '), line.size());
    if (end > 0) fields.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return fields;
}

Result<std::vector<std::string_view>> parse_checkpoint_lines(std::string_view text) {
  const std::optional<std::string_view> version = take_line(text);
  if (!version || *version != "0") return corrupt("version is not 0");
  const std::optional<std::string_view> count_line = take_line(text);
  const std::optional<int64_t> count = count_line ? parse_integer(*count_line) : std::nullopt;
  if (!count || *count < 0) return corrupt("no count of entries");
  std::vector<std::string_view> lines;
  while (const std::optional<std::string_view> line = take_line(text)) lines.push_back(*line);
  if (!text.empty() || static_cast<int64_t>(lines.size()) != *count) {
    return corrupt("says " + std::to_string(*count) + " entries, holds " +
                   std::to_string(lines.size()));
  }
  return lines;
}

Result<OffsetCheckpoint> parse_offset_checkpoint(std::string_view text) {
  Result<std::vector<std::string_view>> lines = parse_checkpoint_lines(text);
  if (!lines.is_ok()) return lines.take_status();
  OffsetCheckpoint offsets;
  for (const std::string_view line : lines.value()) {
    const std::vector<std::string_view> fields = split_fields(line);
    const auto offset = fields.size() == 3 ? parse_integer(fields[2]) : std::nullopt;
    if (!offset || *offset < 0) return corrupt("line \"" + std::string(line) + '"');
    offsets[std::string(fields[0]) + '-' + std::string(fields[1])] = *offset;
  }
  return offsets;
}

std::string serialize_offset_checkpoint(const OffsetCheckpoint& offsets) {
  std::string lines;
  size_t count = 0;
  for (const auto& [name, offset] : offsets) {
    const std::optional<TopicPartition> parsed = parse_partition_name(name);
    if (!parsed) continue;
    lines.append(parsed->topic).append(" ").append(std::to_string(parsed->partition));
    lines.append(" ").append(std::to_string(offset)).append("\n");
    ++count;
  }
  return "0\n" + std::to_string(count) + '\n' + lines;
}

}  // namespace millrace
