#include "moved.h"

#include <bit>
#include <memory>
#include <utility>

namespace millrace::binding {

struct InboxTable {
  InboxTable() {
    for (size_t i = 0; i < inboxes.size(); ++i) inboxes[i].index_ = i;
  }
  std::mutex claiming;
  std::array<MovedInbox, MovedInbox::kMaxInboxes> inboxes;
};

namespace {

// Never destroyed: native threads post until the process is gone.
InboxTable& table() {
  static InboxTable& instance = *std::make_unique<InboxTable>().release();
  return instance;
}

}  // namespace

void report_moved(PartitionLog& log) {
  auto* record = static_cast<PartitionRecord*>(log.record());
  if (record == nullptr) return;  // still opening
  const uint64_t wanted = record->subscribers.load(std::memory_order_acquire);
  if (wanted == 0) return;
  // Sequentially consistent with acknowledge(): either the owner sees what moved, or this sees the
  // bit cleared and posts.
  uint64_t newly = wanted & ~record->pending.fetch_or(wanted);
  while (newly != 0) {
    table().inboxes[static_cast<size_t>(std::countr_zero(newly))].post(record->handle);
    newly &= newly - 1;
  }
}

MovedInbox* MovedInbox::claim(std::function<void()> wake) {
  const std::scoped_lock claiming(table().claiming);
  for (MovedInbox& inbox : table().inboxes) {
    const std::scoped_lock lock(inbox.mutex_);
    if (inbox.wake_) continue;
    inbox.posted_ = {};
    inbox.wake_ = std::move(wake);
    return &inbox;
  }
  return nullptr;
}

void MovedInbox::release() {
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
  posted_ = {};
}

void MovedInbox::subscribe(PartitionRecord& record) {
  record.subscribers.fetch_or(bit());
  // An earlier owner, or a post that raced with unsubscribe(), may have left it set.
  record.pending.fetch_and(~bit());
}

void MovedInbox::unsubscribe(PartitionRecord& record) { record.subscribers.fetch_and(~bit()); }

void MovedInbox::acknowledge(PartitionRecord& record) { record.pending.fetch_and(~bit()); }

void MovedInbox::take(Posted& posted) {
  posted.moved.clear();
  posted.removed.clear();
  const std::scoped_lock lock(mutex_);
  std::swap(posted, posted_);
}

void MovedInbox::wake_if_empty() {
  if (posted_.moved.empty() && posted_.removed.empty()) wake_();
}

void MovedInbox::post(uint32_t handle) {
  const std::scoped_lock lock(mutex_);
  if (!wake_) return;
  wake_if_empty();
  posted_.moved.push_back(handle);
}

void MovedInbox::post_removed(uint32_t handle) {
  for (MovedInbox& inbox : table().inboxes) {
    const std::scoped_lock lock(inbox.mutex_);
    if (!inbox.wake_) continue;
    inbox.wake_if_empty();
    inbox.posted_.removed.push_back(handle);
  }
}

}  // namespace millrace::binding
