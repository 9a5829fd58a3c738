#include "simulated_file_system.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace millrace {
namespace {

using Operation = SimulatedOperation;
using Bytes = std::vector<uint8_t>;

constexpr size_t kPage = 4096;

class SimulatedFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files.make_directories("/data").is_ok());
    ASSERT_TRUE(files.sync_directory("/").is_ok());
  }

  std::unique_ptr<File> create(const std::string& path) {
    auto file = files.open(path, OpenMode::kCreateOrOpen);
    EXPECT_TRUE(file.is_ok()) << file.status().context();
    return file.take();
  }

  static void write(File& file, const Bytes& bytes, uint64_t offset = 0) {
    const ByteView view(bytes);
    ASSERT_TRUE(file.write_at({&view, 1}, offset).is_ok());
  }

  Bytes contents(const std::string& path) {
    auto file = files.open(path, OpenMode::kReadOnly);
    if (!file.is_ok()) return {};
    Bytes bytes(file.value()->size().value());
    EXPECT_EQ(file.value()->read_at(bytes, 0).value(), bytes.size());
    return bytes;
  }

  SimulatedFileSystem files;
};

TEST_F(SimulatedFileSystemTest, BehavesAsAFileSystem) {
  EXPECT_EQ(files.open("/data/a", OpenMode::kReadWrite).status().code(), Code::kNotFound);
  EXPECT_EQ(files.open("/none/a", OpenMode::kCreate).status().code(), Code::kNotFound);
  write(*create("/data/a"), Bytes(10, 'a'));
  EXPECT_EQ(files.open("/data/a", OpenMode::kCreate).status().code(), Code::kExists);
  write(*create("/data/b"), Bytes(20, 'b'));
  EXPECT_EQ(files.list("/data").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(files.rename("/data/a", "/data/b").is_ok());
  EXPECT_FALSE(files.exists("/data/a"));
  EXPECT_EQ(contents("/data/b"), Bytes(10, 'a'));
  EXPECT_EQ(files.remove_directory("/data").code(), Code::kExists);
  EXPECT_TRUE(files.remove("/data/b").is_ok());
  EXPECT_TRUE(files.remove_directory("/data").is_ok());
  EXPECT_EQ(files.list("/data").status().code(), Code::kNotFound);
}

TEST_F(SimulatedFileSystemTest, KeepsWhatWasSyncedThroughEveryCrash) {
  auto file = create("/data/a");
  write(*file, Bytes(3 * kPage + 17, 'a'));
  ASSERT_TRUE(file->sync_data().is_ok());
  ASSERT_TRUE(files.sync_directory("/data").is_ok());
  for (uint64_t seed = 0; seed < 50; ++seed) {
    ASSERT_TRUE(files.crash(seed).is_ok());
    ASSERT_EQ(contents("/data/a"), Bytes(3 * kPage + 17, 'a'));
  }
}

TEST_F(SimulatedFileSystemTest, LosesKeepsAndTearsWhatWasNotSynced) {
  bool lost = false, kept = false, torn = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedFileSystem disk;
    ASSERT_TRUE(disk.make_directories("/d").is_ok());
    auto file = disk.open("/d/a", OpenMode::kCreate).take();
    ASSERT_TRUE(file->allocate(0, kPage).is_ok());
    ASSERT_TRUE(disk.sync_all("/").is_ok());
    write(*file, Bytes(kPage, 'x'));
    ASSERT_TRUE(disk.crash(seed).is_ok());
    Bytes found(kPage);
    ASSERT_EQ(disk.open("/d/a", OpenMode::kReadOnly).value()->read_at(found, 0).value(), kPage);
    for (size_t at = 0; at < kPage; at += 512) {  // a sector is whole or not there
      ASSERT_EQ(std::set<uint8_t>(found.begin() + at, found.begin() + at + 512).size(), 1u);
    }
    const std::set<uint8_t> kinds(found.begin(), found.end());
    lost = lost || kinds == std::set<uint8_t>{0};
    kept = kept || kinds == std::set<uint8_t>{'x'};
    torn = torn || kinds.size() == 2;
  }
  EXPECT_TRUE(lost && kept && torn);
}

TEST_F(SimulatedFileSystemTest, TheSameSeedFindsTheSameDisk) {
  const auto run = [](uint64_t seed) {
    SimulatedFileSystem disk;
    EXPECT_TRUE(disk.make_directories("/d").is_ok());
    auto file = disk.open("/d/a", OpenMode::kCreate).take();
    write(*file, Bytes(50 * kPage, 'x'));
    EXPECT_TRUE(disk.sync_directory("/d").is_ok());
    EXPECT_TRUE(disk.sync_directory("/").is_ok());
    EXPECT_TRUE(disk.crash(seed).is_ok());
    auto found = disk.open("/d/a", OpenMode::kReadOnly).take();
    Bytes bytes(found->size().value());
    EXPECT_TRUE(found->read_at(bytes, 0).is_ok());
    return bytes;
  };
  std::set<Bytes> disks;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    disks.insert(run(seed));
  }
  EXPECT_GT(disks.size(), 1u);
}

TEST_F(SimulatedFileSystemTest, SyncCoversStoresThroughMappings) {
  auto file = create("/data/a");
  ASSERT_TRUE(file->allocate(0, 2 * kPage).is_ok());
  auto mapping = file->map(0, 1u << 20, MapAccess::kReadWrite).take();
  std::memset(mapping->data() + kPage, 'm', 100);
  EXPECT_EQ(contents("/data/a")[kPage], 'm');
  ASSERT_TRUE(file->sync_data().is_ok());
  ASSERT_TRUE(files.sync_directory("/data").is_ok());
  ASSERT_TRUE(files.crash(1).is_ok());
  EXPECT_EQ(contents("/data/a")[kPage + 99], 'm');
  mapping->data()[0] = 'z';  // still there, and of the world before the crash
  EXPECT_EQ(contents("/data/a")[0], 0);
}

TEST_F(SimulatedFileSystemTest, AFailedSyncLosesThePagesThoughTheNextSucceeds) {
  auto file = create("/data/a");
  ASSERT_TRUE(file->allocate(0, 2 * kPage).is_ok());
  ASSERT_TRUE(files.sync_all("/data").is_ok());
  write(*file, Bytes(kPage, 'x'));
  files.fail({.operation = Operation::kSyncData, .path_part = {}});
  EXPECT_EQ(file->sync_data().code(), Code::kIoError);
  write(*file, Bytes(kPage, 'y'), kPage);
  EXPECT_TRUE(file->sync_data().is_ok());
  EXPECT_EQ(contents("/data/a")[0], 'x');  // memory does not show it
  ASSERT_TRUE(files.crash(1).is_ok());
  Bytes expected(kPage, 0);
  expected.resize(2 * kPage, 'y');
  EXPECT_EQ(contents("/data/a"), expected);
}

TEST_F(SimulatedFileSystemTest, EntriesAreDurableOnlyWithTheirDirectory) {
  std::set<bool> created, removed;
  std::set<std::string> renamed;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedFileSystem disk;
    ASSERT_TRUE(disk.make_directories("/d").is_ok());
    for (const char* name : {"/d/old", "/d/from"}) {
      ASSERT_TRUE(disk.open(name, OpenMode::kCreate).is_ok());
    }
    ASSERT_TRUE(disk.sync_directory("/d").is_ok());
    ASSERT_TRUE(disk.sync_directory("/").is_ok());
    ASSERT_TRUE(disk.open("/d/new", OpenMode::kCreate).value()->sync_data().is_ok());
    ASSERT_TRUE(disk.remove("/d/old").is_ok());
    ASSERT_TRUE(disk.rename("/d/from", "/d/to").is_ok());
    ASSERT_TRUE(disk.crash(seed).is_ok());
    created.insert(disk.exists("/d/new"));
    removed.insert(!disk.exists("/d/old"));
    renamed.insert(std::string(disk.exists("/d/from") ? "from" : "") +
                   (disk.exists("/d/to") ? "to" : ""));
  }
  EXPECT_EQ(created.size(), 2u);
  EXPECT_EQ(removed.size(), 2u);
  EXPECT_EQ(renamed, (std::set<std::string>{"from", "to"}));  // never both, never neither
}

TEST_F(SimulatedFileSystemTest, ADirectoryThatItsParentNeverSyncedMayBeGone) {
  std::set<bool> found;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedFileSystem disk;
    ASSERT_TRUE(disk.make_directories("/d/t-0").is_ok());
    ASSERT_TRUE(disk.open("/d/t-0/log", OpenMode::kCreate).value()->sync_data().is_ok());
    ASSERT_TRUE(disk.sync_directory("/d/t-0").is_ok());
    ASSERT_TRUE(disk.crash(seed).is_ok());
    found.insert(disk.exists("/d/t-0/log"));
  }
  EXPECT_EQ(found.size(), 2u);
}

TEST_F(SimulatedFileSystemTest, FailsTheNthCallOfAKind) {
  auto file = create("/data/a.log");
  files.fail({.operation = Operation::kWrite, .nth = 2, .path_part = ".log"});
  const Bytes bytes(10, 1);
  const ByteView view(bytes);
  EXPECT_TRUE(create("/data/b")->write_at({&view, 1}, 0).is_ok());
  EXPECT_TRUE(file->write_at({&view, 1}, 0).is_ok());
  EXPECT_EQ(file->write_at({&view, 1}, 10).code(), Code::kIoError);
  EXPECT_TRUE(file->write_at({&view, 1}, 10).is_ok());
  files.fail({.operation = Operation::kAllocate, .code = Code::kNoSpace, .path_part = {}});
  EXPECT_EQ(file->allocate(0, 100).code(), Code::kNoSpace);
  EXPECT_EQ(file->size().value(), 20u);
  EXPECT_EQ(files.counters().failures, 2u);
  EXPECT_EQ(files.counters().of(Operation::kWrite), 4u);
}

TEST_F(SimulatedFileSystemTest, FailsAsASeedDecides) {
  const auto run = [](uint64_t seed) {
    SimulatedFileSystem disk;
    disk.fail_randomly(seed, 3);
    std::string outcome;
    for (int i = 0; i < 50; ++i) outcome += disk.make_directories("/d").is_ok() ? '+' : '-';
    return outcome;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST_F(SimulatedFileSystemTest, IsFullWhenItsCapacityIsTaken) {
  files.set_capacity(10 * kPage);
  auto file = create("/data/a");
  EXPECT_TRUE(file->allocate(0, 8 * kPage).is_ok());
  EXPECT_EQ(file->allocate(8 * kPage, 4 * kPage).code(), Code::kNoSpace);
  EXPECT_EQ(file->size().value(), 8 * kPage);
  EXPECT_EQ(files.free_bytes("/data").value(), 2 * kPage);
  ASSERT_TRUE(files.remove("/data/a").is_ok());
  EXPECT_EQ(files.free_bytes("/data").value(), 10 * kPage);
}

TEST_F(SimulatedFileSystemTest, FaultsMarkEveryMappingOfTheFile) {
  auto file = create("/data/a");
  ASSERT_TRUE(file->allocate(0, kPage).is_ok());
  auto mapping = file->map(0, kPage, MapAccess::kRead).take();
  EXPECT_FALSE(mapping->failed());
  files.fault_mappings("/data/a");
  EXPECT_TRUE(mapping->failed());
  EXPECT_EQ(mapping->populate(0, kPage).code(), Code::kIoError);
}

TEST_F(SimulatedFileSystemTest, ALockIsHeldOnceAndNotBeyondACrash) {
  auto before = files.lock_directory("/data").take();
  EXPECT_EQ(files.lock_directory("/data").status().code(), Code::kLocked);
  ASSERT_TRUE(files.crash(1).is_ok());
  auto after = files.lock_directory("/data");
  ASSERT_TRUE(after.is_ok());
  before.reset();
  EXPECT_EQ(files.lock_directory("/data").status().code(), Code::kLocked);
}

}  // namespace
}  // namespace millrace
