// ListConfigResources: the resources that have configs (KIP-1142).
//
// v0   flexible from the start; client metrics alone
// v1   resourceTypes, resourceType: of every kind
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  since,
  string,
} from '../schema.js'

export const listConfigResources = defineApi({
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexible: 0,
  request: {
    resourceTypes: since(1, array(int8), []),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    configResources: array({
      resourceName: string,
      resourceType: since(1, int8, 16),
    }),
  },
})

export type ListConfigResourcesRequest = Infer<typeof listConfigResources.request>
export type ListConfigResourcesRequestDraft = Draft<typeof listConfigResources.request>
export type ListConfigResourcesResponse = Infer<typeof listConfigResources.response>
export type ListConfigResourcesResponseDraft = Draft<typeof listConfigResources.response>
