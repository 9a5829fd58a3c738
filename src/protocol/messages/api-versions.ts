// ApiVersions: which APIs and versions does this broker offer? The first request on a connection.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   flexible encoding; clientSoftwareName, clientSoftwareVersion (KIP-511); features (KIP-584)
// v4   a feature's minVersion may be 0 (KAFKA-17011)
//
// A version that the broker does not have is answered in v0 with UNSUPPORTED_VERSION and the list of
// APIs. The answer's header has no tagged fields in any version.
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  since,
  string,
  tagged,
} from '../schema.js'

export const apiVersions = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexible: 3,
  request: {
    clientSoftwareName: since(3, string, ''),
    clientSoftwareVersion: since(3, string, ''),
  },
  response: {
    errorCode: int16,
    apiKeys: array({
      apiKey: int16,
      minVersion: int16,
      maxVersion: int16,
    }),
    throttleTimeMs: since(1, int32, 0),
    supportedFeatures: tagged(
      0,
      3,
      array({
        name: string,
        minVersion: int16,
        maxVersion: int16,
      }),
      [],
    ),
    // -1: unknown
    finalizedFeaturesEpoch: tagged(1, 3, int64, -1),
    finalizedFeatures: tagged(
      2,
      3,
      array({
        name: string,
        maxVersionLevel: int16,
        minVersionLevel: int16,
      }),
      [],
    ),
    zkMigrationReady: tagged(3, 3, bool, false),
  },
})

export type ApiVersionsRequest = Infer<typeof apiVersions.request>
export type ApiVersionsRequestDraft = Draft<typeof apiVersions.request>
export type ApiVersionsResponse = Infer<typeof apiVersions.response>
export type ApiVersionsResponseDraft = Draft<typeof apiVersions.response>
