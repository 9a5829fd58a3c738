// DescribeUserScramCredentials: which users have SCRAM passwords, and their iterations (KIP-554).
//
// v0   flexible from the start
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  string,
} from '../schema.js'

export const describeUserScramCredentials = defineApi({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexible: 0,
  request: {
    // null or empty: all
    users: nullableArray({
      name: string,
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    results: array({
      user: string,
      errorCode: int16,
      errorMessage: nullableString,
      credentialInfos: array({
        mechanism: int8,
        iterations: int32,
      }),
    }),
  },
})

export type DescribeUserScramCredentialsRequest = Infer<typeof describeUserScramCredentials.request>
export type DescribeUserScramCredentialsRequestDraft = Draft<
  typeof describeUserScramCredentials.request
>
export type DescribeUserScramCredentialsResponse = Infer<
  typeof describeUserScramCredentials.response
>
export type DescribeUserScramCredentialsResponseDraft = Draft<
  typeof describeUserScramCredentials.response
>
