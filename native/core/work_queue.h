// Partitions that want something done off the appenders' threads: synced, or looked after.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace millrace {

class PartitionLogImpl;

// Thread-safe. A partition enters at most once until it is taken: the partition sees to that.
class WorkQueue {
 public:
  using Partitions = std::vector<std::shared_ptr<PartitionLogImpl>>;

  // True when the queue was empty: then wake() is due, best without a lock that whoever waits takes
  // next.
  [[nodiscard]] bool push(std::shared_ptr<PartitionLogImpl> partition) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    partitions_.push_back(std::move(partition));
    return partitions_.size() == 1;
  }
  void wake() { ready_.notify_one(); }
  Partitions take_all() {
    const std::lock_guard lock(mutex_);
    Partitions all(std::make_move_iterator(partitions_.begin()),
                   std::make_move_iterator(partitions_.end()));
    partitions_.clear();
    return all;
  }
  // Null when there is none.
  std::shared_ptr<PartitionLogImpl> take_first() {
    const std::lock_guard lock(mutex_);
    if (partitions_.empty()) return nullptr;
    std::shared_ptr<PartitionLogImpl> first = std::move(partitions_.front());
    partitions_.pop_front();
    return first;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return partitions_.size();
  }
  // Returns when there is work, or false once stopped.
  bool wait() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return stopped_ || !partitions_.empty(); });
    return !stopped_;
  }
  // Returns after `timeout` or hurry(), or false once stopped; work that arrives does not end it.
  template <typename Duration>
  bool pause(Duration timeout) {
    std::unique_lock lock(mutex_);
    pause_.wait_for(lock, timeout, [this] { return stopped_ || hurried_; });
    hurried_ = false;
    return !stopped_;
  }
  // This partition's turn comes next, if it is in the queue.
  void hurry(const PartitionLogImpl* partition) {
    {
      const std::lock_guard lock(mutex_);
      const auto at = std::find_if(partitions_.begin(), partitions_.end(),
                                   [&](const auto& item) { return item.get() == partition; });
      if (at != partitions_.end()) std::rotate(partitions_.begin(), at, at + 1);
    }
    hurry();
  }
  void hurry() {
    const std::lock_guard lock(mutex_);
    hurried_ = true;
    pause_.notify_all();
  }
  // Lets go of every partition: they hold what holds the queue.
  void stop() {
    std::deque<std::shared_ptr<PartitionLogImpl>> released;
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    released.swap(partitions_);
    ready_.notify_all();
    pause_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable pause_;
  std::deque<std::shared_ptr<PartitionLogImpl>> partitions_;
  bool stopped_ = false;
  bool hurried_ = false;
};

}  // namespace millrace
