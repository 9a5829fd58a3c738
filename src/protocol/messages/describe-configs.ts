// DescribeConfigs: the configs of topics, brokers, groups, with where each value comes from.
//
// v1   includeSynonyms, configSource, synonyms
// v2   a throttled answer is sent first and the connection muted after it
// v3   configType, documentation (KIP-569)
// v4   flexible encoding
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  optional,
  since,
  string,
} from '../schema.js'

export const describeConfigs = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexible: 4,
  request: {
    resources: array({
      // 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group
      resourceType: int8,
      resourceName: string,
      // null: all
      configurationKeys: nullableArray(string),
    }),
    includeSynonyms: optional(bool, false),
    includeDocumentation: since(3, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        value: nullableString,
        readOnly: bool,
        // 1 topic, 2 dynamic broker, 3 dynamic default broker, 4 static broker, 5 default
        configSource: optional(int8, -1),
        isSensitive: bool,
        synonyms: array({
          name: string,
          value: nullableString,
          source: int8,
        }),
        configType: since(3, int8, 0),
        documentation: since(3, nullableString, ''),
      }),
    }),
  },
})

export type DescribeConfigsRequest = Infer<typeof describeConfigs.request>
export type DescribeConfigsRequestDraft = Draft<typeof describeConfigs.request>
export type DescribeConfigsResponse = Infer<typeof describeConfigs.response>
export type DescribeConfigsResponseDraft = Draft<typeof describeConfigs.response>
