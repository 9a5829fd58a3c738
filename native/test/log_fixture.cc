#include "log_fixture.h"

#include <cstdlib>
#include <filesystem>

namespace millrace::testing {

BatchSpec tagged_batch(int count, size_t value_bytes, const std::string& tag) {
  BatchSpec spec;
  for (int i = 0; i < count; ++i) {
    std::string value = tag + '/' + std::to_string(i) + '/';
    value.resize(std::max(value.size(), value_bytes), 'x');
    RecordSpec record;
    record.value = value;
    record.timestamp_delta = i;
    spec.records.push_back(record);
  }
  return spec;
}

Result<AppendResult> append_bytes(PartitionLog& log, const Bytes& batch, AppendOptions options) {
  const ByteView chunks[] = {batch};
  return log.append(ChunkList(chunks), options);
}

Bytes stored_form(Bytes batch, int64_t base_offset, int32_t leader_epoch) {
  overwrite(batch, batch_format::kBaseOffset, base_offset);
  overwrite(batch, batch_format::kLeaderEpoch, leader_epoch);
  return batch;
}

Bytes read_all(PartitionLog& log, int64_t from, int64_t limit, size_t max_bytes) {
  Bytes all;
  for (int64_t offset = from;;) {
    ReadOptions options;
    options.offset = offset;
    options.max_bytes = max_bytes;
    options.limit_offset = limit;
    options.may_block = true;
    Result<ReadSlice> slice = log.read(options);
    if (!slice.is_ok()) {
      ADD_FAILURE() << "read at " << offset << ": " << slice.status().context();
      return all;
    }
    const ByteView bytes(slice.value().data, slice.value().size_bytes);
    if (bytes.empty()) return all;
    all.insert(all.end(), bytes.begin(), bytes.end());
    for (size_t at = 0; at < bytes.size();) {
      const BatchHeader header = read_batch_header(bytes.subspan(at));
      at += header.size_bytes();
      offset = header.last_offset() + 1;
    }
  }
}

DirectoryOptions manual_options(WriteMode mode, FlushPolicy flush) {
  DirectoryOptions options;
  options.write_mode = mode;
  options.flush = flush;
  options.start_thread = false;
  return options;
}

OpenLog open_log(FileSystem& files, Clock& clock, const DirectoryOptions& options,
                 const LogConfig& config, const std::string& name) {
  OpenLog open;
  auto directory = LogDirectory::open(files, clock, "/data", options, {});
  EXPECT_TRUE(directory.is_ok()) << directory.status().context();
  if (!directory.is_ok()) return open;
  open.directory = directory.take();
  auto log = open.directory->open_partition(name, config);
  EXPECT_TRUE(log.is_ok()) << log.status().context();
  if (log.is_ok()) open.log = log.take();
  return open;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "millrace-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace millrace::testing
