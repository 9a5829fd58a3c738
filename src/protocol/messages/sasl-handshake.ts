// SaslHandshake: choose a SASL mechanism.
//
// v1   the exchange goes on in SaslAuthenticate; after v0 it goes on in bare frames
//
// Never flexible: clients up to 2.4 cannot negotiate another version (KAFKA-9577).
import { array, type Draft, defineApi, type Infer, int16, string } from '../schema.js'

export const saslHandshake = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexible: 'none',
  request: {
    mechanism: string,
  },
  response: {
    errorCode: int16,
    mechanisms: array(string),
  },
})

export type SaslHandshakeRequest = Infer<typeof saslHandshake.request>
export type SaslHandshakeRequestDraft = Draft<typeof saslHandshake.request>
export type SaslHandshakeResponse = Infer<typeof saslHandshake.response>
export type SaslHandshakeResponseDraft = Draft<typeof saslHandshake.response>
