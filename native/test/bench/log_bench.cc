// What an append costs end to end on a real disk (validation, reservation, copy, publication), in
// both write modes and under each flush policy; how soon it is durable; reads; and how fast many
// partitions open after a clean stop. Numbers only. MILLRACE_BENCH_DIR chooses the disk.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "batch_builder.h"
#include "log_directory.h"
#include "posix_file_system.h"
#include "system_clock.h"

namespace millrace::testing {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

double cpu_seconds() {
  timespec now = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Result<AppendResult> append_bytes(PartitionLog& log, const Bytes& batch) {
  const ByteView chunks[] = {batch};
  return log.append(ChunkList(chunks), {});
}

std::string bench_folder() {
  const char* const chosen = std::getenv("MILLRACE_BENCH_DIR");
  return (chosen ? std::filesystem::path(chosen) : std::filesystem::temp_directory_path()) /
         "millrace-log-bench";
}

std::shared_ptr<LogDirectory> open_directory(WriteMode mode, FlushPolicy flush) {
  DirectoryOptions options;
  options.write_mode = mode;
  options.flush = flush;
  options.dirty_budget_bytes = 1u << 30;
  auto directory =
      LogDirectory::open(posix_file_system(), system_clock(), bench_folder(), options, {});
  if (!directory.is_ok()) {
    std::printf("%s\n", directory.status().context().c_str());
    std::exit(1);
  }
  return directory.take();
}

struct Load {
  WriteMode mode;
  FlushPolicy flush;
  int records;
  size_t value_bytes;
  int threads;
  uint64_t total_bytes;
};

void append_load(const Load& load) {
  std::filesystem::remove_all(bench_folder());
  auto directory = open_directory(load.mode, load.flush);
  const Bytes batch = build_batch(plain_batch(load.records, load.value_bytes));
  const uint64_t appends = load.total_bytes / batch.size() / static_cast<uint64_t>(load.threads);
  std::vector<std::vector<double>> latencies(static_cast<size_t>(load.threads));
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (int p = 0; p < 6; ++p) {
    logs.push_back(directory->open_partition("bench-" + std::to_string(p), {}).take());
  }
  const double cpu_begin = cpu_seconds();
  const auto begin = Steady::now();
  std::vector<std::thread> threads;
  for (int t = 0; t < load.threads; ++t) {
    threads.emplace_back([&, t] {
      auto& taken = latencies[static_cast<size_t>(t)];
      taken.reserve(appends);
      std::vector<ByteView> chunks;
      for (size_t at = 0; at < batch.size(); at += 65536) {
        chunks.push_back(ByteView(batch).subspan(at, std::min<size_t>(65536, batch.size() - at)));
      }
      for (uint64_t i = 0; i < appends; ++i) {
        while (directory->over_budget()) std::this_thread::yield();
        const auto start = Steady::now();
        const auto result = logs[i % logs.size()]->append(ChunkList(chunks), {});
        if (!result.is_ok()) {
          std::printf("%s\n", result.status().context().c_str());
          std::exit(1);
        }
        taken.push_back(seconds_since(start) * 1e6);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double took = seconds_since(begin);
  const double cpu = cpu_seconds() - cpu_begin;
  std::vector<double> all;
  for (const auto& taken : latencies) all.insert(all.end(), taken.begin(), taken.end());
  std::sort(all.begin(), all.end());
  const auto at = [&all](double share) {
    return all[static_cast<size_t>(share * static_cast<double>(all.size() - 1))];
  };
  const double bytes = static_cast<double>(all.size() * batch.size());
  const auto statistics = directory->statistics();
  std::printf(
      "%-6s %-8s %7zu B x%d: %7.0f MB/s %6.2f M records/s  cpu %.2f s/GB  append us p50 %.1f p99 "
      "%.1f p99.9 %.0f max %.0f  flushes %lu mean %.2f ms\n",
      load.mode == WriteMode::kMmap ? "mmap" : "pwrite",
      load.flush == FlushPolicy::kGroup ? "group" : (load.flush == FlushPolicy::kOs ? "os" : "int"),
      batch.size(), load.threads, bytes / took / 1e6,
      static_cast<double>(all.size()) * load.records / took / 1e6, cpu / (bytes / 1e9), at(0.5),
      at(0.99), at(0.999), all.back(), static_cast<unsigned long>(statistics.flushes),
      statistics.flushes ? static_cast<double>(statistics.flush_ns_total) /
                               static_cast<double>(statistics.flushes) / 1e6
                         : 0.0);
  std::fflush(stdout);
  directory->abandon();
}

// One append at a time, each waited for: what a client with acks=1 sees below everything else.
void durable_latency(WriteMode mode, int partitions) {
  std::filesystem::remove_all(bench_folder());
  auto directory = open_directory(mode, FlushPolicy::kGroup);
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (int p = 0; p < partitions; ++p) {
    logs.push_back(directory->open_partition("bench-" + std::to_string(p), {}).take());
  }
  const Bytes batch = build_batch(plain_batch(1, 1024));
  std::vector<double> taken;
  for (int i = 0; i < 300; ++i) {
    const auto start = Steady::now();
    std::vector<int64_t> ends;
    for (const auto& log : logs) ends.push_back(append_bytes(*log, batch).value().last_offset);
    for (size_t p = 0; p < logs.size(); ++p) {
      while (logs[p]->state().durable_offset <= ends[p]) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
    }
    if (i >= 20) taken.push_back(seconds_since(start) * 1e3);
    if (seconds_since(start) * 300 > 20 && i > 60) break;
  }
  std::sort(taken.begin(), taken.end());
  std::printf("%-6s durable, %4d partitions at once: p50 %.2f ms p99 %.2f ms\n",
              mode == WriteMode::kMmap ? "mmap" : "pwrite", partitions, taken[taken.size() / 2],
              taken[taken.size() * 99 / 100]);
  std::fflush(stdout);
}

void open_many(int partitions) {
  std::filesystem::remove_all(bench_folder());
  const Bytes batch = build_batch(plain_batch(10, 100));
  for (int round = 0; round < 2; ++round) {
    const auto begin = Steady::now();
    auto directory = open_directory(WriteMode::kMmap, FlushPolicy::kGroup);
    std::vector<std::shared_ptr<PartitionLog>> logs;
    for (int p = 0; p < partitions; ++p) {
      logs.push_back(directory->open_partition("bench-" + std::to_string(p), {}).take());
    }
    const double opened = seconds_since(begin);
    for (const auto& log : logs) static_cast<void>(append_bytes(*log, batch));
    const double appended = seconds_since(begin);
    static_cast<void>(directory->flush_all());
    const double flushed = seconds_since(begin);
    static_cast<void>(directory->close());
    std::printf(
        "%d partitions: open %.0f ms (%s), first append %.0f ms, flush %.0f ms, close %.0f ms\n",
        partitions, opened * 1e3, round == 0 ? "new" : "clean", (appended - opened) * 1e3,
        (flushed - appended) * 1e3, (seconds_since(begin) - flushed) * 1e3);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace millrace::testing

int main(int argc, char**) {
  using namespace millrace;
  using namespace millrace::testing;
  const uint64_t total = argc > 1 ? 256u << 20 : 1u << 30;
  for (const FlushPolicy flush : {FlushPolicy::kOs, FlushPolicy::kGroup}) {
    for (const WriteMode mode : {WriteMode::kMmap, WriteMode::kPwrite}) {
      append_load({mode, flush, 1, 100, 1, total / 8});
      append_load({mode, flush, 90, 100, 1, total});
      append_load({mode, flush, 2200, 100, 1, total});
      append_load({mode, flush, 240, 1024, 1, total});
      append_load({mode, flush, 240, 1024, 2, total});
      append_load({mode, flush, 950, 1024, 1, total});
    }
  }
  for (const int partitions : {1, 4, 5, 16, 64, 200}) {
    durable_latency(WriteMode::kMmap, partitions);
  }
  open_many(1000);
  std::filesystem::remove_all(bench_folder());
}
