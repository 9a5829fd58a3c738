// What keeps a fault in a mapping from killing the process. A load or store through a mapping
// raises SIGBUS when the page cannot be had: EIO below it, a file cut by somebody else,
// copy-on-write or thin storage that is full. The handler finds the address among the guarded
// ranges, marks that range failed, puts an anonymous page where it faulted and returns; whoever
// used the range sees the mark when it is done, before it believes a byte. Any other address goes
// to the handler that was there.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace {

// Guards [begin, begin + size) from construction to destruction; the range stays mapped that long.
class FaultGuard {
 public:
  FaultGuard(const void* begin, size_t size_bytes);
  ~FaultGuard();
  FaultGuard(const FaultGuard&) = delete;
  FaultGuard& operator=(const FaultGuard&) = delete;

  // False when more ranges are guarded than the table holds: the range must not be used.
  bool active() const { return slot_ >= 0; }
  bool failed() const;

 private:
  int slot_ = -1;
};

}  // namespace millrace
