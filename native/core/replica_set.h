// What a leader knows of the other replicas of a partition, and how far all of them have promised:
// the high watermark is that. Arithmetic only; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace millrace {

enum class PartitionRole {
  kAlone,     // the only replica: what it promises is the high watermark
  kLeader,    // the high watermark is what all in sync have promised
  kFollower,  // the high watermark is the leader's
};

struct InSyncSet {
  int32_t leader_epoch = -1;
  std::vector<int32_t> in_sync;
  std::vector<int32_t> proposed;  // a change of the set that is being stored: both count (KIP-497)
  int32_t min_in_sync = 1;        // with fewer in sync the high watermark stands still (KIP-966)
};

struct ReplicaReport {
  int32_t broker_id = -1;
  int32_t leader_epoch = -1;
  int64_t end_offset = -1;      // from where it fetches; -1: not said
  int64_t durable_offset = -1;  // -1: not said
  bool new_fetch = false;       // not an earlier one that was parked and is looked at again
};

struct ReplicaView {
  int32_t broker_id = -1;
  int64_t end_offset = -1;
  int64_t durable_offset = -1;
  // Since when it has not had everything that the leader had; no longer than the leader leads.
  int64_t lag_ms = 0;
  // It has all that is committed, and everything that epochs before this one have left (KIP-320).
  bool may_join = false;
  // It is in sync, or in a set that is being stored: what is committed waits for it.
  bool counts = false;
  // How long ago it certainly followed this epoch; -1: never. A fetch may have waited in a socket
  // while this process slept: all that it tells for certain is that it was sent after the fetch
  // before it was answered.
  int64_t confirmed_ms = -1;
};

class ReplicaSet {
 public:
  // The leader of a new epoch knows nothing of the others; told the same epoch again, it keeps what
  // it knows. `durable`: a replica has promised what is on its disk, else what it has fetched.
  struct Leadership {
    int32_t local_id;
    int64_t epoch_start_offset;
    bool durable;
    int64_t now_ns;  // on a monotonic clock, here and below
  };
  void lead(InSyncSet set, const Leadership& leadership);
  void follow(int32_t leader_epoch);
  // False: of another epoch, and ignored; so are these.
  bool change(InSyncSet set);
  bool report(const ReplicaReport& report, int64_t log_end_offset, int64_t now_ns);

  PartitionRole role() const { return role_; }
  int32_t leader_epoch() const { return set_.leader_epoch; }
  // Up to where all that count have promised; nothing while one of them has said nothing.
  std::optional<int64_t> promised_by_all(int64_t local_promise) const;
  // Of all that have reported, and all that count.
  std::vector<ReplicaView> view(int64_t high_watermark, int64_t now_ns) const;

 private:
  struct Replica {
    int32_t broker_id;
    int64_t end_offset = -1;
    int64_t durable_offset = -1;
    int64_t caught_up_ns = 0;
    int64_t fetched_ns = 0;
    int64_t log_end_when_fetched = -1;
    int64_t began_ns = -1;      // its last fetch
    int64_t confirmed_ns = -1;  // the one before
  };
  Replica& find_or_add(int32_t broker_id);
  const Replica* find(int32_t broker_id) const;
  bool counts(int32_t broker_id) const;
  int64_t promise_of(const Replica& replica) const;

  PartitionRole role_ = PartitionRole::kAlone;
  Leadership leadership_{-1, 0, false, 0};
  InSyncSet set_;
  std::vector<Replica> replicas_;  // a handful
};

}  // namespace millrace
