// FindCoordinator: which broker coordinates a group, a transactional id or a share partition?
//
// v1   keyType; throttleTimeMs, errorMessage
// v2   a throttled answer is sent first and the connection muted after it
// v3   flexible encoding
// v4   several keys at once: coordinatorKeys, coordinators (KIP-699)
// v5   TRANSACTION_ABORTABLE (KIP-890)
// v6   keyType 2: share partitions, as "groupId:topicId:partition" (KIP-932)
import {
  array,
  between,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  since,
  string,
  until,
} from '../schema.js'

export const findCoordinator = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexible: 3,
  request: {
    key: until(3, string, ''),
    // 0 group, 1 transaction, 2 share
    keyType: since(1, int8, 0),
    coordinatorKeys: since(4, array(string), []),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: until(3, int16, 0),
    errorMessage: between([1, 3], nullableString, ''),
    nodeId: until(3, int32, 0),
    host: until(3, string, ''),
    port: until(3, int32, 0),
    coordinators: since(
      4,
      array({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
      [],
    ),
  },
})

export type FindCoordinatorRequest = Infer<typeof findCoordinator.request>
export type FindCoordinatorRequestDraft = Draft<typeof findCoordinator.request>
export type FindCoordinatorResponse = Infer<typeof findCoordinator.response>
export type FindCoordinatorResponseDraft = Draft<typeof findCoordinator.response>
