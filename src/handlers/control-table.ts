// What the control plane serves. An io worker's table passes these on.
import { alterConfigs as alterConfigsApi } from '../protocol/messages/alter-configs.js'
import { alterPartitionReassignments as alterPartitionReassignmentsApi } from '../protocol/messages/alter-partition-reassignments.js'
import { createPartitions as createPartitionsApi } from '../protocol/messages/create-partitions.js'
import { createTopics as createTopicsApi } from '../protocol/messages/create-topics.js'
import { deleteTopics as deleteTopicsApi } from '../protocol/messages/delete-topics.js'
import { describeConfigs as describeConfigsApi } from '../protocol/messages/describe-configs.js'
import { describeLogDirs as describeLogDirsApi } from '../protocol/messages/describe-log-dirs.js'
import { electLeaders as electLeadersApi } from '../protocol/messages/elect-leaders.js'
import { findCoordinator as findCoordinatorApi } from '../protocol/messages/find-coordinator.js'
import { incrementalAlterConfigs as incrementalAlterConfigsApi } from '../protocol/messages/incremental-alter-configs.js'
import { initProducerId as initProducerIdApi } from '../protocol/messages/init-producer-id.js'
import { listPartitionReassignments as listPartitionReassignmentsApi } from '../protocol/messages/list-partition-reassignments.js'
import { unregisterBroker as unregisterBrokerApi } from '../protocol/messages/unregister-broker.js'
import { alterConfigs } from './alter-configs.js'
import {
  alterPartitionReassignments,
  alterPartitionReassignmentsFailed,
} from './alter-partition-reassignments.js'
import { alterConfigsFailed } from './alter-resources.js'
import type { ControlServices } from './control-services.js'
import { createPartitions, createPartitionsFailed } from './create-partitions.js'
import { createTopics, createTopicsFailed } from './create-topics.js'
import { deleteTopics, deleteTopicsFailed } from './delete-topics.js'
import { describeConfigs, describeConfigsFailed } from './describe-configs.js'
import { describeLogDirs, describeLogDirsFailed } from './describe-log-dirs.js'
import { electLeaders, electLeadersFailed } from './elect-leaders.js'
import { findCoordinator, findCoordinatorFailed } from './find-coordinator.js'
import { incrementalAlterConfigs } from './incremental-alter-configs.js'
import { initProducerId, initProducerIdFailed } from './init-producer-id.js'
import {
  listPartitionReassignments,
  listPartitionReassignmentsFailed,
} from './list-partition-reassignments.js'
import { type HandlerTable, row } from './table.js'
import { unregisterBroker, unregisterBrokerFailed } from './unregister-broker.js'

export const controlTable: HandlerTable<ControlServices> = [
  row(createTopicsApi, {
    operation: 'topic:create',
    handle: createTopics,
    failed: createTopicsFailed,
  }),
  row(deleteTopicsApi, {
    operation: 'topic:delete',
    handle: deleteTopics,
    failed: deleteTopicsFailed,
  }),
  row(createPartitionsApi, {
    operation: 'topic:alter',
    handle: createPartitions,
    failed: createPartitionsFailed,
  }),
  row(describeConfigsApi, {
    operation: 'topic:describe-configs',
    handle: describeConfigs,
    failed: describeConfigsFailed,
  }),
  row(alterConfigsApi, {
    operation: 'topic:alter-configs',
    handle: alterConfigs,
    failed: alterConfigsFailed,
  }),
  row(incrementalAlterConfigsApi, {
    operation: 'topic:alter-configs',
    handle: incrementalAlterConfigs,
    failed: alterConfigsFailed,
  }),
  row(initProducerIdApi, {
    operation: 'cluster:idempotent-write',
    handle: initProducerId,
    failed: initProducerIdFailed,
  }),
  row(findCoordinatorApi, {
    operation: 'group:describe',
    handle: findCoordinator,
    failed: findCoordinatorFailed,
  }),
  row(describeLogDirsApi, {
    operation: 'cluster:describe',
    handle: describeLogDirs,
    failed: describeLogDirsFailed,
  }),
  row(alterPartitionReassignmentsApi, {
    operation: 'cluster:alter',
    handle: alterPartitionReassignments,
    failed: alterPartitionReassignmentsFailed,
  }),
  row(listPartitionReassignmentsApi, {
    operation: 'cluster:describe',
    handle: listPartitionReassignments,
    failed: listPartitionReassignmentsFailed,
  }),
  row(electLeadersApi, {
    operation: 'cluster:alter',
    handle: electLeaders,
    failed: electLeadersFailed,
  }),
  row(unregisterBrokerApi, {
    operation: 'cluster:alter',
    handle: unregisterBroker,
    failed: unregisterBrokerFailed,
  }),
]

/** Those that only the controller decides. */
export const controllerApis: ReadonlySet<number> = new Set(
  [
    createTopicsApi,
    deleteTopicsApi,
    createPartitionsApi,
    alterConfigsApi,
    incrementalAlterConfigsApi,
    alterPartitionReassignmentsApi,
    listPartitionReassignmentsApi,
    electLeadersApi,
    unregisterBrokerApi,
  ].map(({ key }) => key),
)
