// ApiVersions: what this broker speaks.
//
// v0-v2. v3 flexible, clientSoftwareName and -Version (KIP-511). v4 minVersion 0 in features.
// A version that is not known is answered too, as v0: a client's first request must not fail.
import type { ApiVersionsRequest, ApiVersionsResponse } from '../protocol/messages/api-versions.js'
import type { RequestContext } from './context.js'
import { kafkaError } from './error-mapping.js'

export interface AdvertisedApi {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

export const API_VERSIONS_KEY = 18
const PRODUCE_KEY = 0
const FIRST_VERSION_WITH_SOFTWARE = 3
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** What is advertised of a table's rows, in the order of their keys. */
export function advertise(
  rows: Iterable<{ readonly key: number; readonly versions: readonly [number, number] }>,
): AdvertisedApi[] {
  const advertised = Array.from(rows, ({ key, versions: [min, max] }) => ({
    apiKey: key,
    // librdkafka before 2.8.0 stops compressing when it does not see Produce v0 (KAFKA-18659).
    minVersion: key === PRODUCE_KEY ? 0 : min,
    maxVersion: max,
  }))
  return advertised.sort((a, b) => a.apiKey - b.apiKey)
}

export function apiVersions(
  request: ApiVersionsRequest,
  advertised: readonly AdvertisedApi[],
  context: RequestContext,
): ApiVersionsResponse {
  if (context.header.apiVersion >= FIRST_VERSION_WITH_SOFTWARE) {
    const { clientSoftwareName, clientSoftwareVersion } = request
    if (!SOFTWARE.test(clientSoftwareName) || !SOFTWARE.test(clientSoftwareVersion)) {
      return apiVersionsFailed(kafkaError.INVALID_REQUEST)
    }
    context.client.softwareName = clientSoftwareName
    context.client.softwareVersion = clientSoftwareVersion
  }
  return { ...apiVersionsFailed(kafkaError.NONE), apiKeys: [...advertised] }
}

export function apiVersionsFailed(errorCode: number): ApiVersionsResponse {
  return {
    errorCode,
    apiKeys: [],
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1,
    finalizedFeatures: [],
    zkMigrationReady: false,
  }
}

/** KIP-511: only the entry of ApiVersions itself, so that the client can ask again. */
export function unsupportedApiVersions(advertised: readonly AdvertisedApi[]): ApiVersionsResponse {
  return {
    ...apiVersionsFailed(kafkaError.UNSUPPORTED_VERSION),
    apiKeys: advertised.filter((api) => api.apiKey === API_VERSIONS_KEY),
  }
}
