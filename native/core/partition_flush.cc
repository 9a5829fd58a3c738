// What the flusher asks of a partition: what there is to sync, and to believe that it is synced.
#include <utility>

#include "partition_log_impl.h"

namespace millrace {

bool PartitionLogImpl::needs_flush_locked() const {
  // Under kOs the active segment is synced when it rolls, or when too much is unwritten.
  const bool all = context_->options.flush != FlushPolicy::kOs || context_->wants_sync();
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    const Segment& candidate = **segment;
    if (candidate.synced_bytes != candidate.published_bytes && (all || candidate.rolled)) {
      return true;
    }
    if (candidate.finished) break;
  }
  return false;
}

bool PartitionLogImpl::begin_flush(FlushTicket& ticket, bool include_active) {
  const std::lock_guard lock(mutex_);
  flush_queued_ = false;
  if (deleted_) return false;
  ticket.end_offset = log_start_offset_;
  ticket.truncations = truncations_;
  ticket.directory_entry_synced = directory_entry_synced_;
  size_t first = segments_.size();
  while (first > 0 && !segments_[first - 1]->finished) --first;
  for (size_t i = first; i < segments_.size(); ++i) {
    const std::shared_ptr<Segment>& segment = segments_[i];
    if (!segment->rolled && !include_active) break;
    ticket.end_segment = segment;
    ticket.end_position = segment->published_bytes;
    ticket.end_offset =
        i + 1 < segments_.size() && segment->published_bytes == segment->reserved_bytes
            ? segments_[i + 1]->base_offset
            : published_end_offset_;
    if (segment->published_bytes == segment->synced_bytes) continue;
    ticket.items.push_back({segment, segment->published_bytes, segment->entry_synced});
    ticket.bytes += segment->published_bytes - segment->synced_bytes;
  }
  return !ticket.items.empty();
}

bool PartitionLogImpl::finish_flush(const FlushTicket& ticket) {
  bool moved = false;
  {
    const std::lock_guard lock(mutex_);
    if (ticket.truncations != truncations_) {
      queue_work_locked();
      return false;
    }
    for (const FlushTicket::Item& item : ticket.items) {
      if (item.bytes <= item.segment->synced_bytes) continue;  // removed by retention meanwhile
      context_->remove_unwritten(item.bytes - item.segment->synced_bytes);
      unsynced_bytes_ -= item.bytes - item.segment->synced_bytes;
      item.segment->synced_bytes = item.bytes;
      item.segment->entry_synced = true;
      item.segment->writeback_bytes = std::max(item.segment->writeback_bytes, item.bytes);
    }
    directory_entry_synced_ = true;
    if (ticket.end_offset > durable_offset_) {
      durable_offset_ = ticket.end_offset;
      durable_position_ = ticket.end_segment == segments_.back() ? ticket.end_position : 0;
      move_high_watermark_locked();
      moved = true;
      context_->checkpoints_changed();
    }
    queue_work_locked();
  }
  if (moved) context_->moved(*this);
  return moved;
}

}  // namespace millrace
