// UnregisterBroker: forget a broker that will not come back (KIP-631).
//
// v0   flexible from the start
import { type Draft, defineApi, type Infer, int16, int32, nullableString } from '../schema.js'

export const unregisterBroker = defineApi({
  key: 64,
  name: 'UnregisterBroker',
  versions: [0, 0],
  flexible: 0,
  request: {
    brokerId: int32,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
  },
})

export type UnregisterBrokerRequest = Infer<typeof unregisterBroker.request>
export type UnregisterBrokerRequestDraft = Draft<typeof unregisterBroker.request>
export type UnregisterBrokerResponse = Infer<typeof unregisterBroker.response>
export type UnregisterBrokerResponseDraft = Draft<typeof unregisterBroker.response>
