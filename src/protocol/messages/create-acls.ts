// CreateAcls: add access rules.
//
// v1   resourcePatternType: literal and prefixed names (KIP-290)
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

export const createAcls = defineApi({
  key: 30,
  name: 'CreateAcls',
  versions: [1, 3],
  flexible: 2,
  request: {
    creations: array({
      resourceType: int8,
      resourceName: string,
      resourcePatternType: optional(int8, 3),
      principal: string,
      host: string,
      operation: int8,
      permissionType: int8,
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      errorCode: int16,
      errorMessage: nullableString,
    }),
  },
})

export type CreateAclsRequest = Infer<typeof createAcls.request>
export type CreateAclsRequestDraft = Draft<typeof createAcls.request>
export type CreateAclsResponse = Infer<typeof createAcls.response>
export type CreateAclsResponseDraft = Draft<typeof createAcls.response>
