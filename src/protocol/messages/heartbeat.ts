// Heartbeat: a member of a classic group is alive.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   groupInstanceId: static members (KIP-345)
// v4   flexible encoding
import {
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableString,
  since,
  string,
} from '../schema.js'

export const heartbeat = defineApi({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
  },
})

export type HeartbeatRequest = Infer<typeof heartbeat.request>
export type HeartbeatRequestDraft = Draft<typeof heartbeat.request>
export type HeartbeatResponse = Infer<typeof heartbeat.response>
export type HeartbeatResponseDraft = Draft<typeof heartbeat.response>
