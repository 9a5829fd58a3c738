// AddOffsetsToTxn: a group's offsets take part in a transaction from now on.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   PRODUCER_FENCED (KIP-588)
// v3   flexible encoding
// v4   TRANSACTION_ABORTABLE (KIP-890)
import { type Draft, defineApi, type Infer, int16, int32, int64, string } from '../schema.js'

export const addOffsetsToTxn = defineApi({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexible: 3,
  request: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    groupId: string,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
  },
})

export type AddOffsetsToTxnRequest = Infer<typeof addOffsetsToTxn.request>
export type AddOffsetsToTxnRequestDraft = Draft<typeof addOffsetsToTxn.request>
export type AddOffsetsToTxnResponse = Infer<typeof addOffsetsToTxn.response>
export type AddOffsetsToTxnResponseDraft = Draft<typeof addOffsetsToTxn.response>
