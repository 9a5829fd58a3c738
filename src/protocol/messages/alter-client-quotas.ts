// AlterClientQuotas: set and remove quotas (KIP-546).
//
// v1   flexible encoding
import {
  array,
  bool,
  type Draft,
  defineApi,
  float64,
  type Infer,
  int16,
  int32,
  nullableString,
  string,
} from '../schema.js'

export const alterClientQuotas = defineApi({
  key: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexible: 1,
  request: {
    entries: array({
      entity: array({
        entityType: string,
        entityName: nullableString,
      }),
      ops: array({
        key: string,
        value: float64,
        remove: bool,
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    entries: array({
      errorCode: int16,
      errorMessage: nullableString,
      entity: array({
        entityType: string,
        entityName: nullableString,
      }),
    }),
  },
})

export type AlterClientQuotasRequest = Infer<typeof alterClientQuotas.request>
export type AlterClientQuotasRequestDraft = Draft<typeof alterClientQuotas.request>
export type AlterClientQuotasResponse = Infer<typeof alterClientQuotas.response>
export type AlterClientQuotasResponseDraft = Draft<typeof alterClientQuotas.response>
