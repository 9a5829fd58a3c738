// Arbitrary bytes as the files of a partition: recovery must neither crash nor believe a batch that
// does not check, and what it kept must be there again at the next start.
#include <cstdlib>
#include <string>
#include <vector>

#include "batch.h"
#include "big_endian.h"
#include "crc32c.h"
#include "log_directory.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

class StillClock final : public Clock {
 public:
  int64_t wall_ms() const override { return 1'700'000'000'000; }
  int64_t monotonic_ns() const override { return 1; }
};

void require(bool holds) {
  if (!holds) std::abort();
}

void write_file(SimulatedFileSystem& files, const std::string& name, ByteView content) {
  auto file = files.open("/data/t-0/" + name, OpenMode::kCreateOrOpen);
  const ByteView chunks[] = {content};
  require(file.is_ok() && (content.empty() || file.value()->write_at(chunks, 0).is_ok()));
}

std::shared_ptr<LogDirectory> open_directory(SimulatedFileSystem& files, Clock& clock) {
  DirectoryOptions options;
  options.start_thread = false;
  auto directory = LogDirectory::open(files, clock, "/data", options, {});
  require(directory.is_ok());
  return directory.take();
}

// Reads everything and returns the end; every batch must check.
int64_t read_everything(PartitionLog& log) {
  ReadOptions options;
  options.offset = log.state().log_start_offset;
  options.may_block = true;
  for (;;) {
    Result<ReadSlice> slice = log.read(options);
    require(slice.is_ok());
    ByteView bytes(slice.value().data, slice.value().size_bytes);
    if (bytes.empty()) return options.offset;
    while (!bytes.empty()) {
      const BatchHeader header = read_batch_header(bytes);
      require(header.base_offset >= options.offset);
      options.offset = header.last_offset() + 1;
      bytes = bytes.subspan(header.size_bytes());
    }
  }
}

// Gives everything that is as long as it says a right CRC, so that the checks behind it are
// reached.
std::vector<uint8_t> with_right_crcs(ByteView log) {
  using namespace batch_format;
  std::vector<uint8_t> bytes(log.begin(), log.end());
  size_t at = 0;
  while (bytes.size() - at >= kHeaderSize) {
    const BatchHeader header = read_batch_header(ByteView(bytes).subspan(at));
    if (header.length < static_cast<int32_t>(kHeaderSize - kLogOverhead)) break;
    if (header.size_bytes() > bytes.size() - at) break;
    const ByteView summed =
        ByteView(bytes).subspan(at + kAttributes, header.size_bytes() - kAttributes);
    store_big_endian(bytes.data() + at + kCrc, crc32c(0, summed));
    at += header.size_bytes();
  }
  return bytes;
}

// The first byte says which files there are; the rest is split among them.
void run(ByteView input) {
  if (input.size() < 2) return;
  const uint8_t which = input[0];
  input = input.subspan(1);
  SimulatedFileSystem files;
  require(files.make_directories("/data/t-0").is_ok());
  const size_t half = input.size() / 2;
  const ByteView raw = which & 1 ? input : input.first(half);
  const std::vector<uint8_t> sealed = with_right_crcs(raw);
  const ByteView log = which & 64 ? ByteView(sealed) : raw;
  const ByteView other = which & 1 ? ByteView() : input.subspan(half);
  write_file(files, "00000000000000000000.log", log);
  if (which & 2) write_file(files, "00000000000000000000.index", other);
  if (which & 4) write_file(files, "00000000000000000000.timeindex", other);
  if (which & 8) write_file(files, "00000000000000000000.snapshot", other);
  if (which & 16) write_file(files, "leader-epoch-checkpoint", other);
  if (which & 32) write_file(files, "00000000000000000002.log", other);
  StillClock clock;
  int64_t end = 0;
  {
    auto directory = open_directory(files, clock);
    auto partition = directory->open_partition("t-0", {});
    require(partition.is_ok());
    end = read_everything(*partition.value());
    require(end == partition.value()->state().log_end_offset);
    static_cast<void>(partition.value()->offset_for_timestamp(1));
    directory->abandon();
  }
  auto directory = open_directory(files, clock);
  auto partition = directory->open_partition("t-0", {});
  require(partition.is_ok());
  require(partition.value()->recovery().cut_bytes == 0);
  require(read_everything(*partition.value()) == end);
  require(directory->close().is_ok());
}

}  // namespace
}  // namespace millrace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::run({data, size});
  return 0;
}
