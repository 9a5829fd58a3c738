// What an io worker serves: its own APIs, and the control plane's, which it passes on.
import { apiVersions as apiVersionsApi } from '../protocol/messages/api-versions.js'
import { deleteRecords as deleteRecordsApi } from '../protocol/messages/delete-records.js'
import { describeCluster as describeClusterApi } from '../protocol/messages/describe-cluster.js'
import { describeProducers as describeProducersApi } from '../protocol/messages/describe-producers.js'
import { describeTopicPartitions as describeTopicPartitionsApi } from '../protocol/messages/describe-topic-partitions.js'
import { fetch as fetchApi } from '../protocol/messages/fetch.js'
import { listOffsets as listOffsetsApi } from '../protocol/messages/list-offsets.js'
import { metadata as metadataApi } from '../protocol/messages/metadata.js'
import { offsetForLeaderEpoch as offsetForLeaderEpochApi } from '../protocol/messages/offset-for-leader-epoch.js'
import { produce as produceApi } from '../protocol/messages/produce.js'
import { type AdvertisedApi, advertise, apiVersions, apiVersionsFailed } from './api-versions.js'
import type { IoServices } from './context.js'
import { deleteRecords } from './delete-records.js'
import { describeCluster, describeClusterFailed } from './describe-cluster.js'
import { describeProducers } from './describe-producers.js'
import { describeTopicPartitions } from './describe-topic-partitions.js'
import { fetch } from './fetch/fetch.js'
import { fetchFailed } from './fetch/response.js'
import { FetchSessionCache } from './fetch/session-cache.js'
import { listOffsets } from './list-offsets.js'
import { metadata } from './metadata.js'
import { offsetForLeaderEpoch } from './offset-for-leader-epoch.js'
import { produce } from './produce/produce.js'
import { forwarded, type HandlerRow, type HandlerTable, row } from './table.js'

/** Once a worker: the fetch sessions live in it. `control` is the table of the control plane. */
export function ioTable(
  services: IoServices,
  control: readonly Pick<HandlerRow<never>, 'key' | 'name' | 'versions' | 'operation'>[],
): HandlerTable<IoServices> {
  const sessions = new FetchSessionCache(services.clock, services.random)
  const advertised: AdvertisedApi[] = []
  const table: HandlerTable<IoServices> = [
    row(apiVersionsApi, {
      operation: 'none',
      handle: (request, _services, context) => apiVersions(request, advertised, context),
      failed: apiVersionsFailed,
    }),
    row(metadataApi, { operation: 'cluster:describe', handle: metadata }),
    row(describeClusterApi, {
      operation: 'cluster:describe',
      handle: describeCluster,
      failed: describeClusterFailed,
    }),
    row(describeTopicPartitionsApi, {
      operation: 'topic:describe',
      handle: describeTopicPartitions,
    }),
    row(produceApi, { operation: 'topic:write', handle: produce }),
    row(fetchApi, {
      operation: 'topic:read',
      handle: (request, io, context) => fetch(request, { io, sessions }, context),
      failed: fetchFailed,
    }),
    row(listOffsetsApi, { operation: 'topic:describe', handle: listOffsets }),
    row(offsetForLeaderEpochApi, { operation: 'topic:describe', handle: offsetForLeaderEpoch }),
    row(deleteRecordsApi, { operation: 'topic:alter', handle: deleteRecords }),
    row(describeProducersApi, { operation: 'topic:read', handle: describeProducers }),
    ...control.map((one) => forwarded<IoServices>(one)),
  ]
  advertised.push(...advertise(table))
  return table
}
