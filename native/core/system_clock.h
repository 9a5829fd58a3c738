// The machine's clocks behind the Clock interface.
#pragma once

#include "clock.h"

namespace millrace {

// Lives as long as the process; safe to share between threads.
Clock& system_clock();

}  // namespace millrace
