#include "dirty_budget.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr uint64_t kMiB = 1ull << 20;

TEST(DirtyBudget, IsHalfOfWhereTheKernelStartsToWrite) {
  EXPECT_EQ(dirty_budget_bytes({0, 10, 20'000 * kMiB}), 1'000 * kMiB);
  EXPECT_EQ(dirty_budget_bytes({4'000 * kMiB, 10, 20'000 * kMiB}), 2'000 * kMiB);
}

TEST(DirtyBudget, IsNeverTooSmallToWorkWith) {
  EXPECT_EQ(dirty_budget_bytes({1 * kMiB, 0, 0}), 256 * kMiB);
  EXPECT_EQ(dirty_budget_bytes({}), 256 * kMiB);
}

TEST(DirtyBudget, OfThisMachineIsAtLeastTheLeast) {
  EXPECT_GE(kernel_dirty_budget_bytes(), 256 * kMiB);
}

}  // namespace
}  // namespace millrace
