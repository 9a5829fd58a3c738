// DescribeClientQuotas: the quotas that match a filter of users, clients and addresses (KIP-546).
//
// v1   flexible encoding
import {
  array,
  bool,
  type Draft,
  defineApi,
  float64,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
} from '../schema.js'

export const describeClientQuotas = defineApi({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexible: 1,
  request: {
    components: array({
      entityType: string,
      matchType: int8,
      match: nullableString,
    }),
    strict: bool,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    entries: nullableArray({
      entity: array({
        entityType: string,
        entityName: nullableString,
      }),
      values: array({
        key: string,
        value: float64,
      }),
    }),
  },
})

export type DescribeClientQuotasRequest = Infer<typeof describeClientQuotas.request>
export type DescribeClientQuotasRequestDraft = Draft<typeof describeClientQuotas.request>
export type DescribeClientQuotasResponse = Infer<typeof describeClientQuotas.response>
export type DescribeClientQuotasResponseDraft = Draft<typeof describeClientQuotas.response>
