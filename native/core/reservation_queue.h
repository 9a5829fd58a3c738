// The appends between reservation and publication, in the order of reservation. Whoever completes
// the front publishes all that is done behind it; nobody waits. Guarded by the partition's mutex.
#pragma once

#include <cstdint>
#include <vector>

namespace millrace {

class Segment;

struct Reservation {
  Segment* segment = nullptr;  // alive as long as the reservation is: see PartitionLogImpl
  int64_t end_offset = 0;
  uint64_t end_position = 0;
  uint64_t records = 0;
  uint32_t batches = 0;
  bool done = false;
};

class ReservationQueue {
 public:
  // The ticket of the new reservation.
  uint64_t push(const Reservation& reservation) {
    if (tail_ - head_ == ring_.size()) grow();
    slot(tail_) = reservation;
    ++in_flight_;
    return tail_++;
  }
  void mark_done(uint64_t ticket) {
    slot(ticket).done = true;
    --in_flight_;
  }
  // Its copy failed: it stays at its place for ever, so that nothing behind it is published.
  void abandon_one() { --in_flight_; }
  // How many are still being copied.
  uint64_t in_flight() const { return in_flight_; }
  bool front_done() const { return head_ != tail_ && slot(head_).done; }
  Reservation pop() { return slot(head_++); }

 private:
  // The size is a power of two, so that tickets map to slots whatever they have grown to.
  Reservation& slot(uint64_t ticket) { return ring_[ticket & (ring_.size() - 1)]; }
  const Reservation& slot(uint64_t ticket) const { return ring_[ticket & (ring_.size() - 1)]; }
  void grow() {
    std::vector<Reservation> larger(ring_.size() * 2);
    for (uint64_t ticket = head_; ticket != tail_; ++ticket) {
      larger[ticket & (larger.size() - 1)] = slot(ticket);
    }
    ring_.swap(larger);
  }

  std::vector<Reservation> ring_ = std::vector<Reservation>(4);
  uint64_t head_ = 0;
  uint64_t tail_ = 0;
  uint64_t in_flight_ = 0;
};

}  // namespace millrace
