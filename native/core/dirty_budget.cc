#include "dirty_budget.h"

#include <algorithm>
#include <fstream>

namespace millrace {
namespace {

constexpr uint64_t kLeastBytes = 256ull << 20;

uint64_t number_in(const char* path) {
  std::ifstream file(path);
  uint64_t value = 0;
  file >> value;
  return file ? value : 0;
}

uint64_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string field;
  uint64_t kibibytes = 0;
  while (file >> field) {
    if (field == "MemAvailable:" && file >> kibibytes) return kibibytes << 10;
  }
  return 0;
}

}  // namespace

uint64_t dirty_budget_bytes(const KernelMemory& memory) {
  const uint64_t background = memory.dirty_background_bytes != 0
                                  ? memory.dirty_background_bytes
                                  : memory.available_bytes / 100 * memory.dirty_background_ratio;
  return std::max(kLeastBytes, background / 2);
}

uint64_t kernel_dirty_budget_bytes() {
  return dirty_budget_bytes({number_in("/proc/sys/vm/dirty_background_bytes"),
                             number_in("/proc/sys/vm/dirty_background_ratio"), available_bytes()});
}

}  // namespace millrace
