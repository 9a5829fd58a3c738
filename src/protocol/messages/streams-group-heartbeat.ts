// StreamsGroupHeartbeat: membership, topology and tasks in a Kafka Streams group (KIP-1071).
//
// v0   flexible from the start
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  nullableStruct,
  optional,
  string,
  struct,
  uint16,
} from '../schema.js'

const keyValue = {
  key: string,
  value: string,
}

const topicInfo = {
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array(keyValue),
}

const taskIds = {
  subtopologyId: string,
  partitions: array(int32),
}

const endpoint = {
  host: string,
  port: uint16,
}

const taskOffset = {
  subtopologyId: string,
  partition: int32,
  offset: int64,
}

const status = {
  statusCode: int8,
  statusDetail: string,
}

const topicPartition = {
  topic: string,
  partitions: array(int32),
}

export const streamsGroupHeartbeat = defineApi({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    // 0 join, -1 leave, -2 leave for a while (static members)
    memberEpoch: int32,
    endpointInformationEpoch: int32,
    instanceId: optional(nullableString, null),
    rackId: optional(nullableString, null),
    rebalanceTimeoutMs: optional(int32, -1),
    topology: optional(
      nullableStruct({
        epoch: int32,
        subtopologies: array({
          subtopologyId: string,
          sourceTopics: array(string),
          sourceTopicRegex: array(string),
          stateChangelogTopics: array(topicInfo),
          repartitionSinkTopics: array(string),
          repartitionSourceTopics: array(topicInfo),
          copartitionGroups: array({
            sourceTopics: array(int16),
            sourceTopicRegex: array(int16),
            repartitionSourceTopics: array(int16),
          }),
        }),
      }),
      null,
    ),
    activeTasks: optional(nullableArray(taskIds), null),
    standbyTasks: optional(nullableArray(taskIds), null),
    warmupTasks: optional(nullableArray(taskIds), null),
    processId: optional(nullableString, null),
    userEndpoint: optional(nullableStruct(endpoint), null),
    clientTags: optional(nullableArray(keyValue), null),
    taskOffsets: optional(nullableArray(taskOffset), null),
    taskEndOffsets: optional(nullableArray(taskOffset), null),
    shutdownApplication: optional(bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    memberId: string,
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    acceptableRecoveryLag: int32,
    taskOffsetIntervalMs: int32,
    status: nullableArray(status),
    activeTasks: optional(nullableArray(taskIds), null),
    standbyTasks: optional(nullableArray(taskIds), null),
    warmupTasks: optional(nullableArray(taskIds), null),
    endpointInformationEpoch: int32,
    partitionsByUserEndpoint: optional(
      nullableArray({
        userEndpoint: struct(endpoint),
        activePartitions: array(topicPartition),
        standbyPartitions: array(topicPartition),
      }),
      null,
    ),
  },
})

export type StreamsGroupHeartbeatRequest = Infer<typeof streamsGroupHeartbeat.request>
export type StreamsGroupHeartbeatRequestDraft = Draft<typeof streamsGroupHeartbeat.request>
export type StreamsGroupHeartbeatResponse = Infer<typeof streamsGroupHeartbeat.response>
export type StreamsGroupHeartbeatResponseDraft = Draft<typeof streamsGroupHeartbeat.response>
