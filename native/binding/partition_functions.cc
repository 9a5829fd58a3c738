// What is asked of a partition now and then; failures throw or reject.
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

Napi::Value done(const Napi::CallbackInfo& info, const SharedPartition& partition,
                 const Status& status) {
  if (!status.is_ok()) throw to_error(info.Env(), status, path_of(partition));
  return info.Env().Undefined();
}

// partitionName(partition): string
Napi::Value partition_name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), partition_argument(info).log->name());
}

// recovery(partition): object
Napi::Value recovery(const Napi::CallbackInfo& info) {
  return from_recovery(info.Env(), partition_argument(info).log->recovery());
}

// configure(partition, config)
Napi::Value configure(const Napi::CallbackInfo& info) {
  partition_argument(info).log->configure(to_log_config(info[1].As<Napi::Object>()));
  return info.Env().Undefined();
}

// offsetForTimestamp(partition, timestampMs): Promise<object>
Napi::Value offset_for_timestamp(const Napi::CallbackInfo& info) {
  const int64_t timestamp_ms = int64_argument(info, 1);
  SharedPartition held = partition_argument(info);
  std::string path = path_of(held);
  return PoolJob<TimestampOffset>::start(
      info.Env(), std::move(path),
      [held = std::move(held), timestamp_ms] {
        return held.log->offset_for_timestamp(timestamp_ms);
      },
      [](Napi::Env env, TimestampOffset& found) { return from_timestamp_offset(env, found); });
}

// maxTimestamp(partition): Promise<object>
Napi::Value max_timestamp(const Napi::CallbackInfo& info) {
  SharedPartition held = partition_argument(info);
  std::string path = path_of(held);
  return PoolJob<TimestampOffset>::start(
      info.Env(), std::move(path), [held = std::move(held)] { return held.log->max_timestamp(); },
      [](Napi::Env env, TimestampOffset& found) { return from_timestamp_offset(env, found); });
}

// enforceRetention(partition): Promise<number>, segments deleted
Napi::Value enforce_retention(const Napi::CallbackInfo& info) {
  SharedPartition held = partition_argument(info);
  std::string path = path_of(held);
  return PoolJob<uint32_t>::start(
      info.Env(), std::move(path),
      [held = std::move(held)] { return held.log->enforce_retention(); },
      [](Napi::Env env, uint32_t& deleted) { return Napi::Number::New(env, deleted); });
}

// endOffsetForEpoch(partition, leaderEpoch): { leaderEpoch, endOffset }
Napi::Value end_offset_for_epoch(const Napi::CallbackInfo& info) {
  const EpochEndOffset end =
      partition_argument(info).log->end_offset_for_epoch(int32_argument(info, 1));
  Napi::Object converted = Napi::Object::New(info.Env());
  converted.Set("leaderEpoch", end.leader_epoch);
  converted.Set("endOffset", from_int64(info.Env(), end.end_offset));
  return converted;
}

// setLeaderEpoch(partition, leaderEpoch)
Napi::Value set_leader_epoch(const Napi::CallbackInfo& info) {
  const SharedPartition& partition = partition_argument(info);
  return done(info, partition, partition.log->set_leader_epoch(int32_argument(info, 1)));
}

// abortedTransactions(partition, fromOffset, toOffset): { producerId, firstOffset }[]
Napi::Value aborted_transactions(const Napi::CallbackInfo& info) {
  const auto aborted = partition_argument(info).log->aborted_transactions(int64_argument(info, 1),
                                                                          int64_argument(info, 2));
  Napi::Array converted = Napi::Array::New(info.Env(), aborted.size());
  for (uint32_t i = 0; i < aborted.size(); ++i) {
    Napi::Object transaction = Napi::Object::New(info.Env());
    transaction.Set("producerId", from_int64(info.Env(), aborted[i].producer_id));
    transaction.Set("firstOffset", from_int64(info.Env(), aborted[i].first_offset));
    converted.Set(i, transaction);
  }
  return converted;
}

// producers(partition): object[]
Napi::Value producers(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto active = partition_argument(info).log->producers();
  Napi::Array converted = Napi::Array::New(env, active.size());
  for (uint32_t i = 0; i < active.size(); ++i) {
    const ProducerStateView& producer = active[i];
    Napi::Object object = Napi::Object::New(env);
    object.Set("producerId", from_int64(env, producer.producer_id));
    object.Set("producerEpoch", Napi::Number::New(env, producer.producer_epoch));
    object.Set("lastSequence", producer.last_sequence);
    object.Set("lastTimestampMs", from_int64(env, producer.last_timestamp_ms));
    object.Set("coordinatorEpoch", producer.coordinator_epoch);
    object.Set("currentTxnFirstOffset", from_int64(env, producer.current_txn_first_offset));
    converted.Set(i, object);
  }
  return converted;
}

// deleteRecords(partition, beforeOffset): code; the failure lies in lastFailure()
Napi::Value delete_records(const Napi::CallbackInfo& info) {
  Status status = partition_argument(info).log->delete_records(int64_argument(info, 1));
  const Code code = status.code();
  Environment::of(info).last_failure = std::move(status);
  return Napi::Number::New(info.Env(), static_cast<double>(code));
}

// dropRemoved()
Napi::Value drop_removed(const Napi::CallbackInfo& info) {
  Environment::of(info).drop_removed();
  return info.Env().Undefined();
}

// roll(partition)
Napi::Value roll(const Napi::CallbackInfo& info) {
  const SharedPartition& partition = partition_argument(info);
  return done(info, partition, partition.log->roll());
}

}  // namespace

void export_partition_functions(Napi::Object exports, Environment& environment) {
  export_verb<partition_name>(exports, "partitionName", environment);
  export_verb<recovery>(exports, "recovery", environment);
  export_verb<configure>(exports, "configure", environment);
  export_verb<offset_for_timestamp>(exports, "offsetForTimestamp", environment);
  export_verb<max_timestamp>(exports, "maxTimestamp", environment);
  export_verb<enforce_retention>(exports, "enforceRetention", environment);
  export_verb<end_offset_for_epoch>(exports, "endOffsetForEpoch", environment);
  export_verb<set_leader_epoch>(exports, "setLeaderEpoch", environment);
  export_verb<aborted_transactions>(exports, "abortedTransactions", environment);
  export_verb<producers>(exports, "producers", environment);
  export_verb<delete_records>(exports, "deleteRecords", environment);
  export_verb<drop_removed>(exports, "dropRemoved", environment);
  export_verb<roll>(exports, "roll", environment);
}

}  // namespace millrace::binding
