#include "posix_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "system_clock.h"

namespace millrace {
namespace {

using Bytes = std::vector<uint8_t>;

class PosixFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  std::string path(const std::string& name) const { return directory + "/" + name; }
  std::unique_ptr<File> create(const std::string& name) {
    return files.open(path(name), OpenMode::kCreate).take();
  }
  static Bytes contents(const File& file) {
    Bytes bytes(file.size().value());
    EXPECT_EQ(file.read_at(bytes, 0).value(), bytes.size());
    return bytes;
  }

  FileSystem& files = posix_file_system();
  std::string directory;
};

TEST_F(PosixFileSystemTest, OpensAsAskedAndNamesWhatWasWrong) {
  const auto missing = files.open(path("a"), OpenMode::kReadWrite);
  EXPECT_EQ(missing.status().code(), Code::kNotFound);
  EXPECT_EQ(missing.status().errno_value(), ENOENT);
  EXPECT_EQ(missing.status().context(), "open " + path("a") + ": No such file or directory");
  EXPECT_TRUE(files.open(path("a"), OpenMode::kCreate).is_ok());
  EXPECT_EQ(files.open(path("a"), OpenMode::kCreate).status().code(), Code::kExists);
  EXPECT_TRUE(files.open(path("a"), OpenMode::kCreateOrOpen).is_ok());
}

// How many descriptors of this process name the file, deleted or not.
size_t descriptors_of(const std::string& path) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.rfind(path, 0) == 0) ++count;
  }
  return count;
}

// Whoever unmaps or closes last pays for the pages: while somebody uses a deleted file, another
// descriptor keeps it, so that it is not the user.
TEST_F(PosixFileSystemTest, ADeletedFileIsKeptUntilNobodyUsesItAndThenGoes) {
  auto file = create("a");
  const Bytes bytes(1 << 20, 7);
  const std::vector<ByteView> chunks = {bytes};
  ASSERT_TRUE(file->write_at(chunks, 0).is_ok());
  auto mapping = file->map(0, bytes.size(), MapAccess::kRead).take();
  file.reset();
  ASSERT_TRUE(files.remove(path("a")).is_ok());
  EXPECT_FALSE(files.exists(path("a")));
  EXPECT_EQ(descriptors_of(path("a")), 1u);
  EXPECT_EQ(std::memcmp(mapping->data(), bytes.data(), bytes.size()), 0);
  mapping.reset();
  while (descriptors_of(path("a")) != 0) std::this_thread::yield();

  ASSERT_TRUE(create("b")->write_at(chunks, 0).is_ok());
  ASSERT_TRUE(files.remove(path("b")).is_ok());
  EXPECT_EQ(descriptors_of(path("b")), 0u) << "a small one that nobody uses goes at once";
  EXPECT_EQ(files.remove(path("b")).code(), Code::kNotFound);
}

TEST_F(PosixFileSystemTest, WritesChunksAndReadsThemBack) {
  auto file = create("a");
  std::vector<Bytes> pieces;
  std::vector<ByteView> views;
  for (size_t i = 0; i < 3000; ++i) pieces.emplace_back(i % 7, static_cast<uint8_t>(i));
  Bytes expected(5, 0);
  for (const Bytes& piece : pieces) {
    views.emplace_back(piece);
    expected.insert(expected.end(), piece.begin(), piece.end());
  }
  ASSERT_TRUE(file->write_at(views, 5).is_ok());  // more chunks than one system call takes
  EXPECT_EQ(contents(*file), expected);
  Bytes tail(100);
  EXPECT_EQ(file->read_at(tail, expected.size() - 10).value(), 10u);
}

TEST_F(PosixFileSystemTest, AllocatesBlocksThatReadAsZeros) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 1u << 20).is_ok());
  EXPECT_EQ(contents(*file), Bytes(1u << 20, 0));
  struct stat status = {};
  ASSERT_EQ(::stat(path("a").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 1 << 20);
}

TEST_F(PosixFileSystemTest, AFullFileSystemIsNoSpaceAndChangesNothing) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 4096).is_ok());
  const uint64_t free = files.free_bytes(directory).value();
  const Status status = file->allocate(4096, free + (1u << 30));
  EXPECT_EQ(status.code(), Code::kNoSpace) << status.context();
  EXPECT_EQ(file->size().value(), 4096u);
}

TEST_F(PosixFileSystemTest, WritesZerosOverAnUnalignedRangeOnly) {
  auto file = create("a");
  const Bytes ones(5u << 20, 1);
  const ByteView view(ones);
  ASSERT_TRUE(file->write_at({&view, 1}, 0).is_ok());
  for (const auto& [offset, length] : std::vector<std::pair<uint64_t, uint64_t>>{
           {100, 50}, {5000, 4096}, {100'001, 3'000'000}, {4u << 20, 1u << 20}}) {
    ASSERT_TRUE(file->write_zeros(offset, length).is_ok());
    const Bytes found = contents(*file);
    ASSERT_EQ(found.size(), ones.size());
    EXPECT_EQ(found[offset - 1], 1);
    EXPECT_EQ(std::count(found.begin() + offset, found.begin() + offset + length, 0), length);
    if (offset + length < found.size()) {
      EXPECT_EQ(found[offset + length], 1);
    }
  }
}

TEST_F(PosixFileSystemTest, WriteZerosIsSeenThroughAMapping) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 1u << 20).is_ok());
  auto mapping = file->map(0, 1u << 20, MapAccess::kReadWrite).take();
  std::memset(mapping->data(), 1, 1u << 20);
  ASSERT_TRUE(file->write_zeros(8192, 65536).is_ok());
  EXPECT_EQ(mapping->data()[8191], 1);
  EXPECT_EQ(mapping->data()[8192], 0);
  EXPECT_EQ(mapping->data()[8192 + 65535], 0);
  EXPECT_EQ(mapping->data()[8192 + 65536], 1);
}

TEST_F(PosixFileSystemTest, AMappingReachesOverTheEndAndSeesTheFileGrow) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 4096).is_ok());
  auto mapping = file->map(0, 1u << 30, MapAccess::kReadWrite).take();
  mapping->data()[0] = 'x';
  ASSERT_TRUE(file->allocate(4096, 4096).is_ok());
  mapping->data()[4096] = 'y';
  EXPECT_TRUE(mapping->resident(0, 8192));
  EXPECT_TRUE(mapping->populate(0, 8192).is_ok());
  EXPECT_FALSE(mapping->failed());
  ASSERT_TRUE(file->sync_data().is_ok());
  EXPECT_EQ(contents(*file)[4096], 'y');
}

TEST_F(PosixFileSystemTest, RefusesAMappingThatIsNotAligned) {
  auto file = create("a");
  EXPECT_EQ(file->map(1, 4096, MapAccess::kRead).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(file->map(0, 0, MapAccess::kRead).status().code(), Code::kInvalidArgument);
}

TEST_F(PosixFileSystemTest, AFaultMarksItsMappingAndNoOther) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 16384).is_ok());
  auto mapping = file->map(0, 16384, MapAccess::kReadWrite).take();
  auto other = file->map(0, 4096, MapAccess::kReadWrite).take();
  ASSERT_TRUE(file->truncate(4096).is_ok());
  errno = 0;
  mapping->data()[8192] = 1;
  EXPECT_EQ(errno, 0);
  EXPECT_TRUE(mapping->failed());
  EXPECT_FALSE(other->failed());
  EXPECT_EQ(mapping->data()[8192], 1);
  auto later = file->map(0, 4096, MapAccess::kRead).take();
  EXPECT_FALSE(later->failed());
  EXPECT_EQ(later->data()[0], 0);
}

TEST_F(PosixFileSystemTest, PopulateReportsWhatATouchWouldRaise) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 4096).is_ok());
  auto mapping = file->map(0, 16384, MapAccess::kRead).take();
  EXPECT_EQ(mapping->populate(0, 16384).code(), Code::kIoError);
  EXPECT_FALSE(mapping->resident(0, 16384));
}

TEST_F(PosixFileSystemTest, FaultsOfManyThreadsMarkEachItsOwn) {
  auto file = create("a");
  ASSERT_TRUE(file->allocate(0, 1u << 20).is_ok());
  ASSERT_TRUE(file->truncate(0).is_ok());
  std::vector<std::jthread> threads;
  std::atomic<int> marked = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 100; ++round) {
        auto mapping = file->map(0, 65536, MapAccess::kReadWrite).take();
        const bool fault = (round + thread) % 2 == 0;
        if (fault) mapping->data()[static_cast<size_t>(round) * 600] = 1;
        marked += mapping->failed() == fault ? 1 : 0;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(marked, 400);
}

TEST_F(PosixFileSystemTest, ListsSortedAndRenamesAndRemoves) {
  ASSERT_TRUE(files.make_directories(path("x/y/z")).is_ok());
  ASSERT_TRUE(files.make_directories(path("x/y/z")).is_ok());
  create("b");
  create("a");
  EXPECT_EQ(files.list(directory).value(), (std::vector<std::string>{"a", "b", "x"}));
  EXPECT_TRUE(files.rename(path("a"), path("b")).is_ok());
  EXPECT_FALSE(files.exists(path("a")));
  EXPECT_TRUE(files.remove(path("b")).is_ok());
  EXPECT_EQ(files.remove(path("b")).code(), Code::kNotFound);
  EXPECT_EQ(files.remove_directory(path("x")).code(), Code::kExists);
  EXPECT_EQ(files.list(path("b")).status().code(), Code::kNotFound);
}

TEST_F(PosixFileSystemTest, SyncsDirectoriesAndTheWholeFileSystem) {
  auto file = create("a");
  EXPECT_TRUE(file->start_writeback(0, 4096).is_ok());
  EXPECT_TRUE(files.sync_directory(directory).is_ok());
  EXPECT_TRUE(files.sync_all(directory).is_ok());
  EXPECT_EQ(files.sync_directory(path("none")).code(), Code::kNotFound);
  EXPECT_FALSE(files.traits(directory).name.empty());
}

TEST_F(PosixFileSystemTest, ADirectoryIsLockedOnce) {
  auto held = files.lock_directory(directory);
  ASSERT_TRUE(held.is_ok());
  EXPECT_EQ(files.lock_directory(directory).status().code(), Code::kLocked);
  held.take().reset();
  EXPECT_TRUE(files.lock_directory(directory).is_ok());
}

TEST_F(PosixFileSystemTest, RunningOutOfDescriptorsSaysSo) {
  // Looked up beforehand: UBSan's own check of a first virtual call needs a descriptor.
  const std::string missing = path("a");
  FileSystem& system = files;
  ASSERT_FALSE(system.open(missing, OpenMode::kReadOnly).is_ok());
  struct rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const struct rlimit none = {3, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto file = system.open(missing, OpenMode::kCreate);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(file.status().code(), Code::kTooManyFiles);
}

TEST(SystemClock, Advances) {
  const int64_t before = system_clock().monotonic_ns();
  EXPECT_GE(system_clock().monotonic_ns(), before);
  EXPECT_GT(system_clock().wall_ms(), 1'600'000'000'000);
}

}  // namespace
}  // namespace millrace
