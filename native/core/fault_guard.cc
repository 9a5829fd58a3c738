#include "fault_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>

namespace millrace {
namespace {

// As many as the kernel's default limit of mappings of one process (vm.max_map_count).
constexpr int kSlotCount = 65536;

// `begin` is 0 while the slot is free; it is written last when a range is entered and first when it
// is taken out, so that the handler never matches a half-written slot.
struct Slot {
  std::atomic<uintptr_t> begin;
  std::atomic<uintptr_t> end;
  std::atomic<bool> failed;
  int next_free;
};

// Read by the signal handler, hence static, atomic and never freed. Slots above `slots_used` have
// never been written: their memory is not resident.
std::array<Slot, kSlotCount> slots;
std::atomic<int> slots_used{0};
std::atomic<uintptr_t> page_bytes{4096};
struct sigaction previous_action;

static_assert(std::atomic<uintptr_t>::is_always_lock_free &&
              std::atomic<bool>::is_always_lock_free);

// Guards the list of free slots; the handler never takes it. Neither has a destructor, so mappings
// of static objects may still end while the process exits.
std::mutex free_slots_mutex;
int first_free_slot = -1;

Slot* find_slot(uintptr_t address) {
  const int used = slots_used.load(std::memory_order_acquire);
  for (int i = 0; i < used; ++i) {
    Slot& slot = slots[static_cast<size_t>(i)];
    const uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin) continue;
    const uintptr_t end = slot.end.load(std::memory_order_acquire);
    if (address < end && slot.begin.load(std::memory_order_acquire) == begin) return &slot;
  }
  return nullptr;
}

bool replace_faulting_page(uintptr_t address) {
  Slot* const slot = find_slot(address);
  if (slot == nullptr) return false;
  slot->failed.store(true, std::memory_order_seq_cst);
  const uintptr_t size = page_bytes.load(std::memory_order_relaxed);
  void* const page = reinterpret_cast<void*>(address & ~(size - 1));
  return ::mmap(page, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

// A fault repeats when the handler returns, so the default action then ends the process where it
// happened; a signal that somebody sent has to be raised again.
void take_default_action(bool was_sent) {
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGBUS, &action, nullptr);
  if (was_sent) ::raise(SIGBUS);
}

void pass_on(int signal, siginfo_t* info, void* context) {
  const bool was_sent = info->si_code <= 0;
  if ((previous_action.sa_flags & SA_SIGINFO) != 0) {
    previous_action.sa_sigaction(signal, info, context);
  } else if (previous_action.sa_handler == SIG_DFL) {
    take_default_action(was_sent);
  } else if (previous_action.sa_handler == SIG_IGN) {
    // The kernel does not let a fault be ignored either: it would repeat for ever.
    if (!was_sent) take_default_action(was_sent);
  } else {
    previous_action.sa_handler(signal);
  }
}

// Only async-signal-safe work: atomics, mmap, sigaction, raise.
void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool is_fault = info->si_code > 0;
  if (!is_fault || !replace_faulting_page(reinterpret_cast<uintptr_t>(info->si_addr))) {
    pass_on(signal, info, context);
  }
  errno = saved_errno;
}

void install_handler() {
  page_bytes.store(static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)), std::memory_order_relaxed);
  ::sigaction(SIGBUS, nullptr, &previous_action);
  struct sigaction action = {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

int take_slot() {
  const std::lock_guard lock(free_slots_mutex);
  if (first_free_slot >= 0) {
    const int slot = first_free_slot;
    first_free_slot = slots[static_cast<size_t>(slot)].next_free;
    return slot;
  }
  const int next = slots_used.load(std::memory_order_relaxed);
  if (next == kSlotCount) return -1;
  slots_used.store(next + 1, std::memory_order_release);
  return next;
}

void return_slot(int slot) {
  const std::lock_guard lock(free_slots_mutex);
  slots[static_cast<size_t>(slot)].next_free = first_free_slot;
  first_free_slot = slot;
}

}  // namespace

FaultGuard::FaultGuard(const void* begin, size_t size_bytes) : slot_(take_slot()) {
  static std::once_flag installed;
  std::call_once(installed, install_handler);
  if (slot_ < 0) return;
  Slot& slot = slots[static_cast<size_t>(slot_)];
  const auto address = reinterpret_cast<uintptr_t>(begin);
  slot.failed.store(false, std::memory_order_relaxed);
  slot.end.store(address + size_bytes, std::memory_order_release);
  slot.begin.store(address, std::memory_order_release);
}

FaultGuard::~FaultGuard() {
  if (slot_ < 0) return;
  slots[static_cast<size_t>(slot_)].begin.store(0, std::memory_order_release);
  return_slot(slot_);
}

bool FaultGuard::failed() const {
  return slot_ >= 0 && slots[static_cast<size_t>(slot_)].failed.load(std::memory_order_acquire);
}

}  // namespace millrace
