// DescribeTransactions: state and partitions of transactions (KIP-664).
//
// v0   flexible from the start
import { array, type Draft, defineApi, type Infer, int16, int32, int64, string } from '../schema.js'

export const describeTransactions = defineApi({
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexible: 0,
  request: {
    transactionalIds: array(string),
  },
  response: {
    throttleTimeMs: int32,
    transactionStates: array({
      errorCode: int16,
      transactionalId: string,
      transactionState: string,
      transactionTimeoutMs: int32,
      transactionStartTimeMs: int64,
      producerId: int64,
      producerEpoch: int16,
      topics: array({
        topic: string,
        partitions: array(int32),
      }),
    }),
  },
})

export type DescribeTransactionsRequest = Infer<typeof describeTransactions.request>
export type DescribeTransactionsRequestDraft = Draft<typeof describeTransactions.request>
export type DescribeTransactionsResponse = Infer<typeof describeTransactions.response>
export type DescribeTransactionsResponseDraft = Draft<typeof describeTransactions.response>
