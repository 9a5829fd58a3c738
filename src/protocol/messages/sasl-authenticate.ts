// SaslAuthenticate: one step of the exchange that SaslHandshake chose.
//
// v1   sessionLifetimeMs: authenticate again before it ends (KIP-368)
// v2   flexible encoding
import {
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int64,
  nullableString,
  since,
} from '../schema.js'

export const saslAuthenticate = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexible: 2,
  request: {
    authBytes: bytes,
  },
  response: {
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64, 0),
  },
})

export type SaslAuthenticateRequest = Infer<typeof saslAuthenticate.request>
export type SaslAuthenticateRequestDraft = Draft<typeof saslAuthenticate.request>
export type SaslAuthenticateResponse = Infer<typeof saslAuthenticate.response>
export type SaslAuthenticateResponseDraft = Draft<typeof saslAuthenticate.response>
