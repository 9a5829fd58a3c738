// Every API whose messages are described here, by Kafka's number. Which of them a listener offers is
// decided by the handler table.
import type { Api } from '../schema.js'
import { addOffsetsToTxn } from './add-offsets-to-txn.js'
import { addPartitionsToTxn } from './add-partitions-to-txn.js'
import { alterClientQuotas } from './alter-client-quotas.js'
import { alterConfigs } from './alter-configs.js'
import { alterPartitionReassignments } from './alter-partition-reassignments.js'
import { alterReplicaLogDirs } from './alter-replica-log-dirs.js'
import { alterShareGroupOffsets } from './alter-share-group-offsets.js'
import { alterUserScramCredentials } from './alter-user-scram-credentials.js'
import { apiVersions } from './api-versions.js'
import { consumerGroupDescribe } from './consumer-group-describe.js'
import { consumerGroupHeartbeat } from './consumer-group-heartbeat.js'
import { createAcls } from './create-acls.js'
import { createDelegationToken } from './create-delegation-token.js'
import { createPartitions } from './create-partitions.js'
import { createTopics } from './create-topics.js'
import { deleteAcls } from './delete-acls.js'
import { deleteGroups } from './delete-groups.js'
import { deleteRecords } from './delete-records.js'
import { deleteShareGroupOffsets } from './delete-share-group-offsets.js'
import { deleteTopics } from './delete-topics.js'
import { describeAcls } from './describe-acls.js'
import { describeClientQuotas } from './describe-client-quotas.js'
import { describeCluster } from './describe-cluster.js'
import { describeConfigs } from './describe-configs.js'
import { describeDelegationToken } from './describe-delegation-token.js'
import { describeGroups } from './describe-groups.js'
import { describeLogDirs } from './describe-log-dirs.js'
import { describeProducers } from './describe-producers.js'
import { describeQuorum } from './describe-quorum.js'
import { describeShareGroupOffsets } from './describe-share-group-offsets.js'
import { describeTopicPartitions } from './describe-topic-partitions.js'
import { describeTransactions } from './describe-transactions.js'
import { describeUserScramCredentials } from './describe-user-scram-credentials.js'
import { electLeaders } from './elect-leaders.js'
import { endTxn } from './end-txn.js'
import { expireDelegationToken } from './expire-delegation-token.js'
import { fetch } from './fetch.js'
import { findCoordinator } from './find-coordinator.js'
import { getTelemetrySubscriptions } from './get-telemetry-subscriptions.js'
import { heartbeat } from './heartbeat.js'
import { incrementalAlterConfigs } from './incremental-alter-configs.js'
import { initProducerId } from './init-producer-id.js'
import { joinGroup } from './join-group.js'
import { leaveGroup } from './leave-group.js'
import { listConfigResources } from './list-config-resources.js'
import { listGroups } from './list-groups.js'
import { listOffsets } from './list-offsets.js'
import { listPartitionReassignments } from './list-partition-reassignments.js'
import { listTransactions } from './list-transactions.js'
import { metadata } from './metadata.js'
import { offsetCommit } from './offset-commit.js'
import { offsetDelete } from './offset-delete.js'
import { offsetFetch } from './offset-fetch.js'
import { offsetForLeaderEpoch } from './offset-for-leader-epoch.js'
import { produce } from './produce.js'
import { pushTelemetry } from './push-telemetry.js'
import { renewDelegationToken } from './renew-delegation-token.js'
import { saslAuthenticate } from './sasl-authenticate.js'
import { saslHandshake } from './sasl-handshake.js'
import { shareAcknowledge } from './share-acknowledge.js'
import { shareFetch } from './share-fetch.js'
import { shareGroupDescribe } from './share-group-describe.js'
import { shareGroupHeartbeat } from './share-group-heartbeat.js'
import { streamsGroupDescribe } from './streams-group-describe.js'
import { streamsGroupHeartbeat } from './streams-group-heartbeat.js'
import { syncGroup } from './sync-group.js'
import { txnOffsetCommit } from './txn-offset-commit.js'
import { unregisterBroker } from './unregister-broker.js'
import { updateFeatures } from './update-features.js'
import { writeTxnMarkers } from './write-txn-markers.js'

export const apis: readonly Api[] = [
  produce,
  fetch,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  findCoordinator,
  joinGroup,
  heartbeat,
  leaveGroup,
  syncGroup,
  describeGroups,
  listGroups,
  saslHandshake,
  apiVersions,
  createTopics,
  deleteTopics,
  deleteRecords,
  initProducerId,
  offsetForLeaderEpoch,
  addPartitionsToTxn,
  addOffsetsToTxn,
  endTxn,
  writeTxnMarkers,
  txnOffsetCommit,
  describeAcls,
  createAcls,
  deleteAcls,
  describeConfigs,
  alterConfigs,
  alterReplicaLogDirs,
  describeLogDirs,
  saslAuthenticate,
  createPartitions,
  createDelegationToken,
  renewDelegationToken,
  expireDelegationToken,
  describeDelegationToken,
  deleteGroups,
  electLeaders,
  incrementalAlterConfigs,
  alterPartitionReassignments,
  listPartitionReassignments,
  offsetDelete,
  describeClientQuotas,
  alterClientQuotas,
  describeUserScramCredentials,
  alterUserScramCredentials,
  describeQuorum,
  updateFeatures,
  describeCluster,
  describeProducers,
  unregisterBroker,
  describeTransactions,
  listTransactions,
  consumerGroupHeartbeat,
  consumerGroupDescribe,
  getTelemetrySubscriptions,
  pushTelemetry,
  listConfigResources,
  describeTopicPartitions,
  shareGroupHeartbeat,
  shareGroupDescribe,
  shareFetch,
  shareAcknowledge,
  streamsGroupHeartbeat,
  streamsGroupDescribe,
  describeShareGroupOffsets,
  alterShareGroupOffsets,
  deleteShareGroupOffsets,
]

const byKey = new Map(apis.map((api) => [api.key, api]))

export function apiByKey(key: number): Api | undefined {
  return byKey.get(key)
}
