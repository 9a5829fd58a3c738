#include "fault_guard.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <csignal>

namespace millrace {
namespace {

// Each runs in a process of its own: the guard's handler is installed once, over what was there.
class FaultGuardDeathTest : public ::testing::Test {
 protected:
  FaultGuardDeathTest() { ::testing::GTEST_FLAG(death_test_style) = "threadsafe"; }

  static void* map_without_file(size_t size) {
    const int fd = ::memfd_create("empty", MFD_CLOEXEC);
    void* const address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    return address;
  }
  static void guard_something() {
    static int anything;
    const FaultGuard guard(&anything, sizeof anything);
  }
  static void touch(void* address) { static_cast<void>(*static_cast<volatile char*>(address)); }
  static void set_handler(void (*handler)(int)) { ::signal(SIGBUS, handler); }
};

TEST_F(FaultGuardDeathTest, AForeignFaultEndsTheProcessAsItWould) {
  EXPECT_EXIT(
      {
        set_handler(SIG_DFL);
        guard_something();
        touch(map_without_file(4096));
      },
      ::testing::KilledBySignal(SIGBUS), "");
}

TEST_F(FaultGuardDeathTest, AFaultCannotBeIgnored) {
  EXPECT_EXIT(
      {
        set_handler(SIG_IGN);
        guard_something();
        touch(map_without_file(4096));
      },
      ::testing::KilledBySignal(SIGBUS), "");
}

TEST_F(FaultGuardDeathTest, ASignalThatSomebodySentIsNoFault) {
  EXPECT_EXIT(
      {
        set_handler(SIG_DFL);
        guard_something();
        ::raise(SIGBUS);
      },
      ::testing::KilledBySignal(SIGBUS), "");
  EXPECT_EXIT(
      {
        set_handler(SIG_IGN);
        guard_something();
        ::raise(SIGBUS);
        ::_exit(3);
      },
      ::testing::ExitedWithCode(3), "");
}

TEST_F(FaultGuardDeathTest, ForeignFaultsReachThePreviousHandler) {
  EXPECT_EXIT(
      {
        set_handler([](int) { ::_exit(4); });
        guard_something();
        touch(map_without_file(4096));
      },
      ::testing::ExitedWithCode(4), "");
  EXPECT_EXIT(
      {
        static void* address;
        struct sigaction action = {};
        action.sa_flags = SA_SIGINFO;
        action.sa_sigaction = [](int, siginfo_t* info, void*) {
          ::_exit(info->si_addr == address ? 5 : 6);
        };
        ::sigaction(SIGBUS, &action, nullptr);
        guard_something();
        address = map_without_file(4096);
        touch(address);
      },
      ::testing::ExitedWithCode(5), "");
}

TEST(FaultGuard, MarksTheRangeThatFaulted) {
  const int fd = ::memfd_create("empty", MFD_CLOEXEC);
  void* const address = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  {
    const FaultGuard first(address, 4096);
    const FaultGuard second(static_cast<char*>(address) + 4096, 4096);
    static_cast<volatile char*>(address)[5000] = 1;
    EXPECT_FALSE(first.failed());
    EXPECT_TRUE(second.failed());
  }
  const FaultGuard reused(address, 4096);
  EXPECT_FALSE(reused.failed());
  ::munmap(address, 8192);
}

TEST(FaultGuard, HoldsAsManyRangesAsTheProcessMayMap) {
  std::vector<std::unique_ptr<FaultGuard>> guards;
  static char byte;
  for (int i = 0; i < 65536; ++i) {
    guards.push_back(std::make_unique<FaultGuard>(&byte, 0));
    ASSERT_TRUE(guards.back()->active()) << i;
  }
  EXPECT_FALSE(FaultGuard(&byte, 0).active());
  guards.pop_back();
  EXPECT_TRUE(FaultGuard(&byte, 0).active());
}

}  // namespace
}  // namespace millrace
