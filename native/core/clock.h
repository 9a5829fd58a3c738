// Time as native/core sees it; injected, so that a test or the simulation decides what time it is.
#pragma once

#include <cstdint>

namespace millrace {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t wall_ms() const = 0;       // since the Unix epoch; may jump
  virtual int64_t monotonic_ns() const = 0;  // never goes back
};

}  // namespace millrace
