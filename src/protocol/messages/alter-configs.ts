// AlterConfigs: replace all configs of a resource. Old clients only: see IncrementalAlterConfigs.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  string,
} from '../schema.js'

export const alterConfigs = defineApi({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexible: 2,
  request: {
    resources: array({
      // 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        value: nullableString,
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    responses: array({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
    }),
  },
})

export type AlterConfigsRequest = Infer<typeof alterConfigs.request>
export type AlterConfigsRequestDraft = Draft<typeof alterConfigs.request>
export type AlterConfigsResponse = Infer<typeof alterConfigs.response>
export type AlterConfigsResponseDraft = Draft<typeof alterConfigs.response>
