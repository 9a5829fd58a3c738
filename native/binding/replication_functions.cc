// A partition's part among its replicas.
#include "convert.h"
#include "functions.h"
#include "pool_job.h"

namespace millrace::binding {

namespace {

const SharedPartition& partition_argument(const Napi::CallbackInfo& info) {
  const SharedPartition* partition = Environment::of(info).partition(uint32_argument(info, 0));
  if (partition == nullptr) {
    throw to_error(info.Env(), Status(Code::kClosed, "the partition is closed or deleted"), {});
  }
  return *partition;
}

std::string path_of(const SharedPartition& partition) {
  return partition.directory->path() + "/" + partition.log->name();
}

Napi::Value code_of(const Napi::CallbackInfo& info, Status status) {
  const Code code = status.code();
  Environment::of(info).last_failure = std::move(status);
  return Napi::Number::New(info.Env(), static_cast<double>(code));
}

std::vector<int32_t> broker_ids(const Napi::Object& from, const char* name) {
  const Napi::Array given = from.Get(name).As<Napi::Array>();
  std::vector<int32_t> ids;
  ids.reserve(given.Length());
  for (uint32_t i = 0; i < given.Length(); ++i) {
    ids.push_back(given.Get(i).As<Napi::Number>().Int32Value());
  }
  return ids;
}

InSyncSet to_in_sync_set(const Napi::Object& given) {
  InSyncSet set;
  set.leader_epoch = given.Get("leaderEpoch").As<Napi::Number>().Int32Value();
  set.in_sync = broker_ids(given, "inSync");
  set.proposed = broker_ids(given, "proposed");
  set.min_in_sync = given.Get("minInSync").As<Napi::Number>().Int32Value();
  return set;
}

// lead(partition, localId, set): code; the failure lies in lastFailure(), as that of follow() does
Napi::Value lead(const Napi::CallbackInfo& info) {
  const int32_t local_id = int32_argument(info, 1);
  const InSyncSet set = to_in_sync_set(info[2].As<Napi::Object>());
  return code_of(info, partition_argument(info).log->lead(local_id, set));
}

// follow(partition, leaderEpoch): code
Napi::Value follow(const Napi::CallbackInfo& info) {
  return code_of(info, partition_argument(info).log->follow(int32_argument(info, 1)));
}

// setInSync(partition, set): boolean
Napi::Value set_in_sync(const Napi::CallbackInfo& info) {
  const InSyncSet set = to_in_sync_set(info[1].As<Napi::Object>());
  return Napi::Boolean::New(info.Env(), partition_argument(info).log->set_in_sync(set));
}

// reportReplica(partition, brokerId, leaderEpoch, endOffset, durableOffset): boolean
Napi::Value report_replica(const Napi::CallbackInfo& info) {
  ReplicaReport report;
  report.broker_id = int32_argument(info, 1);
  report.leader_epoch = int32_argument(info, 2);
  report.end_offset = int64_argument(info, 3);
  report.durable_offset = int64_argument(info, 4);
  report.new_fetch = info[5].ToBoolean();
  return Napi::Boolean::New(info.Env(), partition_argument(info).log->report_replica(report));
}

// followHighWatermark(partition, leaderEpoch, highWatermark): boolean
Napi::Value follow_high_watermark(const Napi::CallbackInfo& info) {
  const bool followed = partition_argument(info).log->follow_high_watermark(
      int32_argument(info, 1), int64_argument(info, 2));
  return Napi::Boolean::New(info.Env(), followed);
}

// replicas(partition): { brokerId, endOffset, durableOffset, lagMs, mayJoin, counts, confirmedMs
// }[]
Napi::Value replicas(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::vector<ReplicaView> views = partition_argument(info).log->replicas();
  Napi::Array converted = Napi::Array::New(env, views.size());
  for (uint32_t i = 0; i < views.size(); ++i) {
    Napi::Object view = Napi::Object::New(env);
    view.Set("brokerId", views[i].broker_id);
    view.Set("endOffset", from_int64(env, views[i].end_offset));
    view.Set("durableOffset", from_int64(env, views[i].durable_offset));
    view.Set("lagMs", from_int64(env, views[i].lag_ms));
    view.Set("mayJoin", views[i].may_join);
    view.Set("counts", views[i].counts);
    view.Set("confirmedMs", from_int64(env, views[i].confirmed_ms));
    converted.Set(i, view);
  }
  return converted;
}

// lastEpoch(partition): number
Napi::Value last_epoch(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), partition_argument(info).log->last_epoch());
}

// Cutting zeroes, syncs and reads what is left: off the event loop.
template <Status (PartitionLog::*cut)(int64_t)>
Napi::Value cutting(const Napi::CallbackInfo& info) {
  const int64_t offset = int64_argument(info, 1);
  SharedPartition held = partition_argument(info);
  std::string path = path_of(held);
  return PoolJob<bool>::start(
      info.Env(), std::move(path),
      [held = std::move(held), offset]() -> Result<bool> {
        Status status = ((*held.log).*cut)(offset);
        if (!status.is_ok()) return status;
        return true;
      },
      [](Napi::Env env, bool&) { return env.Undefined(); });
}

}  // namespace

void export_replication_functions(Napi::Object exports, Environment& environment) {
  export_verb<lead>(exports, "lead", environment);
  export_verb<follow>(exports, "follow", environment);
  export_verb<set_in_sync>(exports, "setInSync", environment);
  export_verb<report_replica>(exports, "reportReplica", environment);
  export_verb<follow_high_watermark>(exports, "followHighWatermark", environment);
  export_verb<replicas>(exports, "replicas", environment);
  export_verb<last_epoch>(exports, "lastEpoch", environment);
  // truncateTo(partition, offset), truncateFullyAndStartAt(partition, offset): Promise<void>
  export_verb<cutting<&PartitionLog::truncate_to>>(exports, "truncateTo", environment);
  export_verb<cutting<&PartitionLog::truncate_fully_and_start_at>>(
      exports, "truncateFullyAndStartAt", environment);
}

}  // namespace millrace::binding
