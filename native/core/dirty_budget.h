// How many unwritten bytes a directory may hold before producers are held back.
#pragma once

#include <cstdint>
#include <string>

namespace millrace {

// Half of where the kernel starts to write back by itself, so that its throttling, which stalls the
// thread that dirties a page, is never reached. At least 256 MiB. From `vm.dirty_background_bytes`,
// or `vm.dirty_background_ratio` of the memory that is available now.
uint64_t kernel_dirty_budget_bytes();

struct KernelMemory {
  uint64_t dirty_background_bytes = 0;  // 0: the ratio counts
  uint64_t dirty_background_ratio = 0;  // per cent of available_bytes
  uint64_t available_bytes = 0;
};
uint64_t dirty_budget_bytes(const KernelMemory& memory);

}  // namespace millrace
