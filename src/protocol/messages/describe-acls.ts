// DescribeAcls: the access rules that match a filter.
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

export const describeAcls = defineApi({
  key: 29,
  name: 'DescribeAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    resourceTypeFilter: int8,
    resourceNameFilter: nullableString,
    patternTypeFilter: optional(int8, 3),
    principalFilter: nullableString,
    hostFilter: nullableString,
    operation: int8,
    permissionType: int8,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    resources: array({
      resourceType: int8,
      resourceName: string,
      patternType: optional(int8, 3),
      acls: array({
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    }),
  },
})

export type DescribeAclsRequest = Infer<typeof describeAcls.request>
export type DescribeAclsRequestDraft = Draft<typeof describeAcls.request>
export type DescribeAclsResponse = Infer<typeof describeAcls.response>
export type DescribeAclsResponseDraft = Draft<typeof describeAcls.response>
