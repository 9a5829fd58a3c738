// Deleted files that somebody still reads. The kernel frees a file's pages in the thread that lets
// go of it last, at about 0.25 s a gigabyte: never in one that serves. Thread-safe, one a process.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "status.h"
#include "unique_fd.h"

namespace millrace {

// Held by a descriptor or a mapping of a file, and let go of after it.
class FileUse;

class DeletedFiles {
 public:
  static DeletedFiles& instance();

  // Null when the file cannot be told from others: then nobody waits for this use.
  std::shared_ptr<const FileUse> use(int fd);
  // Unlinks at once. The space of a large file, and of one in use, is given back in the background,
  // when nobody uses it any more.
  Status remove(const std::string& path);
  // Whether a deleted file still takes up space because somebody uses it.
  bool any_held() const { return held_.load(std::memory_order_relaxed) > 0; }

 private:
  friend class FileUse;
  using Inode = std::pair<dev_t, ino_t>;
  struct State {
    uint64_t uses = 0;
    UniqueFd deleted;  // keeps the file until the last use ends
  };

  DeletedFiles();
  void end_use(const Inode& inode);
  [[noreturn]] void free_loop();

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::map<Inode, State> used_;
  std::atomic<uint64_t> held_{0};  // of used_, those that are deleted
  std::vector<UniqueFd> unused_;
};

}  // namespace millrace
