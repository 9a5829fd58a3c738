// AlterUserScramCredentials: set and remove SCRAM passwords (KIP-554).
//
// v0   flexible from the start
import {
  array,
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  string,
} from '../schema.js'

export const alterUserScramCredentials = defineApi({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexible: 0,
  request: {
    deletions: array({
      name: string,
      mechanism: int8,
    }),
    upsertions: array({
      name: string,
      mechanism: int8,
      iterations: int32,
      salt: bytes,
      saltedPassword: bytes,
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      user: string,
      errorCode: int16,
      errorMessage: nullableString,
    }),
  },
})

export type AlterUserScramCredentialsRequest = Infer<typeof alterUserScramCredentials.request>
export type AlterUserScramCredentialsRequestDraft = Draft<typeof alterUserScramCredentials.request>
export type AlterUserScramCredentialsResponse = Infer<typeof alterUserScramCredentials.response>
export type AlterUserScramCredentialsResponseDraft = Draft<
  typeof alterUserScramCredentials.response
>
