// ListTransactions: the transactions that this broker coordinates (KIP-664).
//
// v0   flexible from the start
// v1   durationFilter: older than so many milliseconds (KIP-994)
// v2   transactionalIdPattern (KIP-1152)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
} from '../schema.js'

export const listTransactions = defineApi({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexible: 0,
  request: {
    stateFilters: array(string),
    producerIdFilters: array(int64),
    durationFilter: since(1, int64, -1),
    transactionalIdPattern: since(2, nullableString, null),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStateFilters: array(string),
    transactionStates: array({
      transactionalId: string,
      producerId: int64,
      transactionState: string,
    }),
  },
})

export type ListTransactionsRequest = Infer<typeof listTransactions.request>
export type ListTransactionsRequestDraft = Draft<typeof listTransactions.request>
export type ListTransactionsResponse = Infer<typeof listTransactions.response>
export type ListTransactionsResponseDraft = Draft<typeof listTransactions.response>
