// ListGroups: the groups that this broker coordinates.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   flexible encoding
// v4   statesFilter, groupState (KIP-518)
// v5   typesFilter, groupType (KIP-848)
import { array, type Draft, defineApi, type Infer, int16, int32, since, string } from '../schema.js'

export const listGroups = defineApi({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexible: 3,
  request: {
    statesFilter: since(4, array(string), []),
    typesFilter: since(5, array(string), []),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: array({
      groupId: string,
      protocolType: string,
      groupState: since(4, string, ''),
      groupType: since(5, string, ''),
    }),
  },
})

export type ListGroupsRequest = Infer<typeof listGroups.request>
export type ListGroupsRequestDraft = Draft<typeof listGroups.request>
export type ListGroupsResponse = Infer<typeof listGroups.response>
export type ListGroupsResponseDraft = Draft<typeof listGroups.response>
