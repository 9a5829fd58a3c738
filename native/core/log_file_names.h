// The names of a partition's files: Kafka's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

namespace log_suffix {
inline constexpr std::string_view kLog = ".log";
inline constexpr std::string_view kOffsetIndex = ".index";
inline constexpr std::string_view kTimeIndex = ".timeindex";
inline constexpr std::string_view kTransactionIndex = ".txnindex";
inline constexpr std::string_view kProducerSnapshot = ".snapshot";
}  // namespace log_suffix

inline constexpr std::string_view kLeaderEpochFile = "leader-epoch-checkpoint";
inline constexpr std::string_view kDeletedSuffix = "-delete";

// "00000000000000000042.log"
std::string log_file_name(int64_t offset, std::string_view suffix);

struct LogFileName {
  int64_t offset;
  std::string_view suffix;  // one of log_suffix
};
std::optional<LogFileName> parse_log_file_name(std::string_view name);

struct TopicPartition {
  std::string_view topic;
  int32_t partition;
};
// "<topic>-<partition>"; nothing for a folder that is no partition.
std::optional<TopicPartition> parse_partition_name(std::string_view name);

// A name that a partition's folder may have.
bool is_partition_folder(std::string_view name);
// A folder whose partition was deleted, and whose files are still to go.
bool is_deleted_folder(std::string_view name);

}  // namespace millrace
