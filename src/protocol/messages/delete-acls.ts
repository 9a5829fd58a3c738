// DeleteAcls: remove the access rules that match filters.
//
// v1   patternTypeFilter: literal and prefixed names (KIP-290)
// v2   flexible encoding
// v3   users as resources (KIP-373)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  optional,
  string,
} from '../schema.js'

export const deleteAcls = defineApi({
  key: 31,
  name: 'DeleteAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    filters: array({
      resourceTypeFilter: int8,
      resourceNameFilter: nullableString,
      patternTypeFilter: optional(int8, 3),
      principalFilter: nullableString,
      hostFilter: nullableString,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32,
    filterResults: array({
      errorCode: int16,
      errorMessage: nullableString,
      matchingAcls: array({
        errorCode: int16,
        errorMessage: nullableString,
        resourceType: int8,
        resourceName: string,
        patternType: optional(int8, 3),
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})

export type DeleteAclsRequest = Infer<typeof deleteAcls.request>
export type DeleteAclsRequestDraft = Draft<typeof deleteAcls.request>
export type DeleteAclsResponse = Infer<typeof deleteAcls.response>
export type DeleteAclsResponseDraft = Draft<typeof deleteAcls.response>
