// AddPartitionsToTxn: partitions take part in a transaction from now on.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   PRODUCER_FENCED (KIP-588)
// v3   flexible encoding; the last version for clients
// v4   several transactions at once, verifyOnly: between brokers (KIP-890)
// v5   TRANSACTION_ABORTABLE (KIP-890)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  optional,
  since,
  string,
  until,
} from '../schema.js'

const addPartitionsToTxnTopic = {
  name: string,
  partitions: array(int32),
}

const addPartitionsToTxnPartitionResult = {
  partitionIndex: int32,
  partitionErrorCode: int16,
}

const addPartitionsToTxnTopicResult = {
  name: string,
  resultsByPartition: array(addPartitionsToTxnPartitionResult),
}

export const addPartitionsToTxn = defineApi({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactions: since(
      4,
      array({
        transactionalId: string,
        producerId: int64,
        producerEpoch: int16,
        verifyOnly: optional(bool, false),
        topics: array(addPartitionsToTxnTopic),
      }),
      [],
    ),
    v3AndBelowTransactionalId: until(3, string, ''),
    v3AndBelowProducerId: until(3, int64, 0),
    v3AndBelowProducerEpoch: until(3, int16, 0),
    v3AndBelowTopics: until(3, array(addPartitionsToTxnTopic), []),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(4, int16, 0),
    resultsByTransaction: since(
      4,
      array({
        transactionalId: string,
        topicResults: array(addPartitionsToTxnTopicResult),
      }),
      [],
    ),
    resultsByTopicV3AndBelow: until(3, array(addPartitionsToTxnTopicResult), []),
  },
})

export type AddPartitionsToTxnRequest = Infer<typeof addPartitionsToTxn.request>
export type AddPartitionsToTxnRequestDraft = Draft<typeof addPartitionsToTxn.request>
export type AddPartitionsToTxnResponse = Infer<typeof addPartitionsToTxn.response>
export type AddPartitionsToTxnResponseDraft = Draft<typeof addPartitionsToTxn.response>
