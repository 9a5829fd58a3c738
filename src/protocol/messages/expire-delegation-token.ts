// ExpireDelegationToken: a token ends earlier, or now (KIP-48).
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

export const expireDelegationToken = defineApi({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: [1, 2],
  flexible: 2,
  request: {
    hmac: bytes,
    // -1: now
    expiryTimePeriodMs: clampedInt64,
  },
  response: {
    errorCode: int16,
    expiryTimestampMs: int64,
    throttleTimeMs: int32,
  },
})

export type ExpireDelegationTokenRequest = Infer<typeof expireDelegationToken.request>
export type ExpireDelegationTokenRequestDraft = Draft<typeof expireDelegationToken.request>
export type ExpireDelegationTokenResponse = Infer<typeof expireDelegationToken.response>
export type ExpireDelegationTokenResponseDraft = Draft<typeof expireDelegationToken.response>
