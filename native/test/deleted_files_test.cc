#include "deleted_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "unique_fd.h"

namespace millrace {
namespace {

class DeletedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "millrace-deleted-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string make_file(const std::string& name) {
    const std::string path = folder_ / name;
    std::ofstream(path) << "content";
    return path;
  }

  static std::shared_ptr<const FileUse> use(const std::string& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return DeletedFiles::instance().use(fd.get());
  }

  std::filesystem::path folder_;
};

TEST_F(DeletedFilesTest, AFileIsHeldFromItsDeletionToItsLastUse) {
  DeletedFiles& files = DeletedFiles::instance();
  const std::string path = make_file("used");
  auto first = use(path);
  auto second = use(path);
  EXPECT_FALSE(files.any_held());
  ASSERT_TRUE(files.remove(path).is_ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(files.any_held());
  first.reset();
  EXPECT_TRUE(files.any_held());
  second.reset();
  EXPECT_FALSE(files.any_held());
}

TEST_F(DeletedFilesTest, WhatNobodyUsesIsNotHeld) {
  DeletedFiles& files = DeletedFiles::instance();
  const std::string used = make_file("stays");
  const auto use_of_another = use(used);
  ASSERT_TRUE(files.remove(make_file("unused")).is_ok());
  EXPECT_FALSE(files.any_held());
  EXPECT_FALSE(files.remove(folder_ / "absent").is_ok());
  EXPECT_FALSE(files.any_held());
}

}  // namespace
}  // namespace millrace
