// BrokerHello: who is at the other end? Asked first on every connection between brokers.
import { defineApi, int16, int32, nullableString, string } from '../schema.js'
import { BROKER_HELLO_KEY } from './keys.js'

export const brokerHello = defineApi({
  key: BROKER_HELLO_KEY,
  name: 'BrokerHello',
  versions: [0, 0],
  flexible: 'none',
  request: {
    clusterId: string,
    // Of who asks
    brokerId: int32,
  },
  response: {
    errorCode: int16,
    // What a person should know
    errorMessage: nullableString,
    clusterId: string,
    // Of who answers
    brokerId: int32,
    // Made anew by each process: who finds its own has reached itself
    incarnation: string,
  },
})
