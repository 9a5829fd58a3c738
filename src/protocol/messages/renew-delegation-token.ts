// RenewDelegationToken: a token is valid for longer (KIP-48).
//
// v2   flexible encoding
import {
  bytes,
  clampedInt64,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
} from '../schema.js'

export const renewDelegationToken = defineApi({
  key: 39,
  name: 'RenewDelegationToken',
  versions: [1, 2],
  flexible: 2,
  request: {
    hmac: bytes,
    renewPeriodMs: clampedInt64,
  },
  response: {
    errorCode: int16,
    expiryTimestampMs: int64,
    throttleTimeMs: int32,
  },
})

export type RenewDelegationTokenRequest = Infer<typeof renewDelegationToken.request>
export type RenewDelegationTokenRequestDraft = Draft<typeof renewDelegationToken.request>
export type RenewDelegationTokenResponse = Infer<typeof renewDelegationToken.response>
export type RenewDelegationTokenResponseDraft = Draft<typeof renewDelegationToken.response>
