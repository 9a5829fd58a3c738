// DeleteGroups: forget empty groups and their offsets (KIP-229).
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
import { array, type Draft, defineApi, type Infer, int16, int32, string } from '../schema.js'

export const deleteGroups = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexible: 2,
  request: {
    groupsNames: array(string),
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      groupId: string,
      errorCode: int16,
    }),
  },
})

export type DeleteGroupsRequest = Infer<typeof deleteGroups.request>
export type DeleteGroupsRequestDraft = Draft<typeof deleteGroups.request>
export type DeleteGroupsResponse = Infer<typeof deleteGroups.response>
export type DeleteGroupsResponseDraft = Draft<typeof deleteGroups.response>
