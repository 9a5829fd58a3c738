// InitProducerId: give a producer the id and epoch by which resends are recognised.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
// v3   producerId, producerEpoch: a producer goes on after INVALID_PRODUCER_EPOCH (KIP-360)
// v4   PRODUCER_FENCED (KIP-588)
// v5   TRANSACTION_ABORTABLE (KIP-890)
// v6   two-phase commit (KIP-939); Kafka does not offer it to clients yet
import {
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableString,
  optional,
  since,
} from '../schema.js'

export const initProducerId = defineApi({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 6],
  flexible: 2,
  unstable: 6,
  request: {
    // null: idempotence alone
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
    enable2Pc: since(6, bool, false),
    keepPreparedTxn: since(6, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: optional(int64, -1),
    producerEpoch: int16,
    ongoingTxnProducerId: since(6, int64, -1),
    ongoingTxnProducerEpoch: since(6, int16, -1),
  },
})

export type InitProducerIdRequest = Infer<typeof initProducerId.request>
export type InitProducerIdRequestDraft = Draft<typeof initProducerId.request>
export type InitProducerIdResponse = Infer<typeof initProducerId.response>
export type InitProducerIdResponseDraft = Draft<typeof initProducerId.response>
