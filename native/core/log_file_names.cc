#include "log_file_names.h"

#include <charconv>
#include <cinttypes>
#include <cstdio>

namespace millrace {
namespace {

constexpr size_t kOffsetDigits = 20;

template <typename Integer>
std::optional<Integer> parse_digits(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string log_file_name(int64_t offset, std::string_view suffix) {
  char digits[kOffsetDigits + 1];
  std::snprintf(digits, sizeof(digits), "%020" PRId64, offset);
  return std::string(digits, kOffsetDigits).append(suffix);
}

std::optional<LogFileName> parse_log_file_name(std::string_view name) {
  if (name.size() <= kOffsetDigits) return std::nullopt;
  const std::optional<int64_t> offset = parse_digits<int64_t>(name.substr(0, kOffsetDigits));
  if (!offset) return std::nullopt;
  const std::string_view suffix = name.substr(kOffsetDigits);
  for (const std::string_view known :
       {log_suffix::kLog, log_suffix::kOffsetIndex, log_suffix::kTimeIndex,
        log_suffix::kTransactionIndex, log_suffix::kProducerSnapshot}) {
    if (suffix == known) return LogFileName{*offset, known};
  }
  return std::nullopt;
}

std::optional<TopicPartition> parse_partition_name(std::string_view name) {
  const size_t dash = name.find_last_of('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::optional<int32_t> partition = parse_digits<int32_t>(name.substr(dash + 1));
  if (!partition) return std::nullopt;
  return TopicPartition{name.substr(0, dash), *partition};
}

bool is_deleted_folder(std::string_view name) {
  return name.size() > kDeletedSuffix.size() && name.ends_with(kDeletedSuffix);
}

bool is_partition_folder(std::string_view name) {
  return !name.empty() && name.front() != '.' && !is_deleted_folder(name) &&
         name.find_first_of("/ \n") == std::string_view::npos &&
         parse_partition_name(name).has_value();
}

}  // namespace millrace
