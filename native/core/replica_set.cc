#include "replica_set.h"

#include <algorithm>
#include <utility>

namespace millrace {

void ReplicaSet::lead(InSyncSet set, const Leadership& leadership) {
  if (role_ != PartitionRole::kLeader || set_.leader_epoch != set.leader_epoch) {
    replicas_.clear();
    leadership_ = leadership;
  }
  role_ = PartitionRole::kLeader;
  set_ = std::move(set);
}

void ReplicaSet::follow(int32_t leader_epoch) {
  role_ = PartitionRole::kFollower;
  replicas_.clear();
  set_ = {};
  set_.leader_epoch = leader_epoch;
}

bool ReplicaSet::change(InSyncSet set) {
  if (role_ != PartitionRole::kLeader || set.leader_epoch != set_.leader_epoch) return false;
  set_ = std::move(set);
  return true;
}

// A follower has caught up when it asks for the leader's end; or for what was the end when it asked
// before, then as of that moment: a leader that is written to all the time is never reached.
bool ReplicaSet::report(const ReplicaReport& report, int64_t log_end_offset, int64_t now_ns) {
  if (role_ != PartitionRole::kLeader || report.leader_epoch != set_.leader_epoch) return false;
  Replica& replica = find_or_add(report.broker_id);
  if (report.end_offset >= 0) {
    replica.end_offset = std::min(report.end_offset, log_end_offset);
    replica.durable_offset = std::min(replica.durable_offset, replica.end_offset);
    if (report.end_offset >= log_end_offset) {
      replica.caught_up_ns = std::max(replica.caught_up_ns, now_ns);
    } else if (replica.log_end_when_fetched >= 0 &&
               report.end_offset >= replica.log_end_when_fetched) {
      replica.caught_up_ns = std::max(replica.caught_up_ns, replica.fetched_ns);
    }
    replica.log_end_when_fetched = log_end_offset;
    replica.fetched_ns = now_ns;
  }
  if (report.new_fetch) {
    replica.confirmed_ns = replica.began_ns;
    replica.began_ns = now_ns;
  }
  if (report.durable_offset >= 0) {
    replica.durable_offset = std::min(report.durable_offset, log_end_offset);
  }
  return true;
}

std::optional<int64_t> ReplicaSet::promised_by_all(int64_t local_promise) const {
  if (role_ != PartitionRole::kLeader) return std::nullopt;
  if (static_cast<int64_t>(set_.in_sync.size()) < set_.min_in_sync) return std::nullopt;
  int64_t least = local_promise;
  for (const auto* members : {&set_.in_sync, &set_.proposed}) {
    for (const int32_t id : *members) {
      if (id == leadership_.local_id) continue;
      const Replica* replica = find(id);
      if (replica == nullptr || promise_of(*replica) < 0) return std::nullopt;
      least = std::min(least, promise_of(*replica));
    }
  }
  return least;
}

std::vector<ReplicaView> ReplicaSet::view(int64_t high_watermark, int64_t now_ns) const {
  std::vector<ReplicaView> views;
  if (role_ != PartitionRole::kLeader) return views;
  const auto add = [&](const Replica& replica) {
    const bool may_join = promise_of(replica) >= high_watermark &&
                          replica.end_offset >= leadership_.epoch_start_offset;
    const int64_t since_ns = std::max(replica.caught_up_ns, leadership_.now_ns);
    const bool confirmed = replica.confirmed_ns >= 0;
    views.push_back({.broker_id = replica.broker_id,
                     .end_offset = replica.end_offset,
                     .durable_offset = replica.durable_offset,
                     .lag_ms = (now_ns - since_ns) / 1'000'000,
                     .may_join = may_join,
                     .counts = counts(replica.broker_id),
                     .confirmed_ms = confirmed ? (now_ns - replica.confirmed_ns) / 1'000'000 : -1});
  };
  for (const Replica& replica : replicas_) add(replica);
  std::vector<int32_t> silent;
  for (const auto* members : {&set_.in_sync, &set_.proposed}) {
    for (const int32_t id : *members) {
      if (id == leadership_.local_id || find(id) != nullptr) continue;
      if (std::find(silent.begin(), silent.end(), id) == silent.end()) silent.push_back(id);
    }
  }
  for (const int32_t id : silent) add(Replica{.broker_id = id});
  return views;
}

ReplicaSet::Replica& ReplicaSet::find_or_add(int32_t broker_id) {
  const auto found =
      std::find_if(replicas_.begin(), replicas_.end(),
                   [broker_id](const Replica& each) { return each.broker_id == broker_id; });
  if (found != replicas_.end()) return *found;
  Replica added;
  added.broker_id = broker_id;
  return replicas_.emplace_back(added);
}

const ReplicaSet::Replica* ReplicaSet::find(int32_t broker_id) const {
  for (const Replica& replica : replicas_) {
    if (replica.broker_id == broker_id) return &replica;
  }
  return nullptr;
}

bool ReplicaSet::counts(int32_t broker_id) const {
  for (const auto* members : {&set_.in_sync, &set_.proposed}) {
    if (std::find(members->begin(), members->end(), broker_id) != members->end()) return true;
  }
  return false;
}

int64_t ReplicaSet::promise_of(const Replica& replica) const {
  return leadership_.durable ? replica.durable_offset : replica.end_offset;
}

}  // namespace millrace
