// DescribeDelegationToken: the tokens of owners (KIP-48).
//
// v2   flexible encoding
// v3   who asked for a token (KIP-373)
import {
  array,
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableArray,
  since,
  string,
} from '../schema.js'

export const describeDelegationToken = defineApi({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [1, 3],
  flexible: 2,
  request: {
    // null: all
    owners: nullableArray({
      principalType: string,
      principalName: string,
    }),
  },
  response: {
    errorCode: int16,
    tokens: array({
      principalType: string,
      principalName: string,
      tokenRequesterPrincipalType: since(3, string, ''),
      tokenRequesterPrincipalName: since(3, string, ''),
      issueTimestamp: int64,
      expiryTimestamp: int64,
      maxTimestamp: int64,
      tokenId: string,
      hmac: bytes,
      renewers: array({
        principalType: string,
        principalName: string,
      }),
    }),
    throttleTimeMs: int32,
  },
})

export type DescribeDelegationTokenRequest = Infer<typeof describeDelegationToken.request>
export type DescribeDelegationTokenRequestDraft = Draft<typeof describeDelegationToken.request>
export type DescribeDelegationTokenResponse = Infer<typeof describeDelegationToken.response>
export type DescribeDelegationTokenResponseDraft = Draft<typeof describeDelegationToken.response>
