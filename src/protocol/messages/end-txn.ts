// EndTxn: commit or abort a transaction.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   PRODUCER_FENCED (KIP-588)
// v3   flexible encoding
// v4   TRANSACTION_ABORTABLE (KIP-890)
// v5   each transaction has a new epoch: producerId, producerEpoch in the answer (KIP-890)
import {
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  since,
  string,
} from '../schema.js'

export const endTxn = defineApi({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    // false: abort
    committed: bool,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: since(5, int64, -1),
    producerEpoch: since(5, int16, -1),
  },
})

export type EndTxnRequest = Infer<typeof endTxn.request>
export type EndTxnRequestDraft = Draft<typeof endTxn.request>
export type EndTxnResponse = Infer<typeof endTxn.response>
export type EndTxnResponseDraft = Draft<typeof endTxn.response>
