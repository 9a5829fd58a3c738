// IncrementalAlterConfigs: change single configs of a resource (KIP-339).
//
// v1   flexible encoding
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

export const incrementalAlterConfigs = defineApi({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexible: 1,
  request: {
    resources: array({
      // 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        // 0 set, 1 delete, 2 append, 3 subtract
        configOperation: int8,
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

export type IncrementalAlterConfigsRequest = Infer<typeof incrementalAlterConfigs.request>
export type IncrementalAlterConfigsRequestDraft = Draft<typeof incrementalAlterConfigs.request>
export type IncrementalAlterConfigsResponse = Infer<typeof incrementalAlterConfigs.response>
export type IncrementalAlterConfigsResponseDraft = Draft<typeof incrementalAlterConfigs.response>
