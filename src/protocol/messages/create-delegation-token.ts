// CreateDelegationToken: a token by which others authenticate as its owner (KIP-48).
//
// v2   flexible encoding
// v3   a token for somebody else: owner, and who asked for it (KIP-373)
import {
  array,
  bytes,
  clampedInt64,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
} from '../schema.js'

export const createDelegationToken = defineApi({
  key: 38,
  name: 'CreateDelegationToken',
  versions: [1, 3],
  flexible: 2,
  request: {
    ownerPrincipalType: since(3, nullableString, ''),
    ownerPrincipalName: since(3, nullableString, ''),
    renewers: array({
      principalType: string,
      principalName: string,
    }),
    // -1: the broker's
    maxLifetimeMs: clampedInt64,
  },
  response: {
    errorCode: int16,
    principalType: string,
    principalName: string,
    tokenRequesterPrincipalType: since(3, string, ''),
    tokenRequesterPrincipalName: since(3, string, ''),
    issueTimestampMs: int64,
    expiryTimestampMs: int64,
    maxTimestampMs: int64,
    tokenId: string,
    hmac: bytes,
    throttleTimeMs: int32,
  },
})

export type CreateDelegationTokenRequest = Infer<typeof createDelegationToken.request>
export type CreateDelegationTokenRequestDraft = Draft<typeof createDelegationToken.request>
export type CreateDelegationTokenResponse = Infer<typeof createDelegationToken.response>
export type CreateDelegationTokenResponseDraft = Draft<typeof createDelegationToken.response>
