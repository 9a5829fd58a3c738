// StreamsGroupDescribe: Kafka Streams groups with their topology and members (KIP-1071).
//
// v0   flexible from the start
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
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

const endpoint = {
  host: string,
  port: uint16,
}

const taskOffset = {
  subtopologyId: string,
  partition: int32,
  offset: int64,
}

const taskIds = {
  subtopologyId: string,
  partitions: array(int32),
}

const assignment = {
  activeTasks: array(taskIds),
  standbyTasks: array(taskIds),
  warmupTasks: array(taskIds),
}

export const streamsGroupDescribe = defineApi({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupIds: array(string),
    includeAuthorizedOperations: bool,
  },
  response: {
    throttleTimeMs: int32,
    groups: array({
      errorCode: int16,
      errorMessage: optional(nullableString, null),
      groupId: string,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      topology: optional(
        nullableStruct({
          epoch: int32,
          subtopologies: optional(
            nullableArray({
              subtopologyId: string,
              sourceTopics: array(string),
              repartitionSinkTopics: array(string),
              stateChangelogTopics: array(topicInfo),
              repartitionSourceTopics: array(topicInfo),
            }),
            null,
          ),
        }),
        null,
      ),
      members: array({
        memberId: string,
        memberEpoch: int32,
        instanceId: optional(nullableString, null),
        rackId: optional(nullableString, null),
        clientId: string,
        clientHost: string,
        topologyEpoch: int32,
        processId: string,
        userEndpoint: optional(nullableStruct(endpoint), null),
        clientTags: array(keyValue),
        taskOffsets: array(taskOffset),
        taskEndOffsets: array(taskOffset),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        isClassic: bool,
      }),
      authorizedOperations: optional(int32, -2147483648),
    }),
  },
})

export type StreamsGroupDescribeRequest = Infer<typeof streamsGroupDescribe.request>
export type StreamsGroupDescribeRequestDraft = Draft<typeof streamsGroupDescribe.request>
export type StreamsGroupDescribeResponse = Infer<typeof streamsGroupDescribe.response>
export type StreamsGroupDescribeResponseDraft = Draft<typeof streamsGroupDescribe.response>
