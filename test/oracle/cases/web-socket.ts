// Frames whose answers are the same bytes over a WebSocket as over TCP. They ask for topics that other
// cases made, and twice: nothing here may change what the next answer is.
import { apiVersions } from '../../../src/protocol/messages/api-versions.js'
import { describeConfigs } from '../../../src/protocol/messages/describe-configs.js'
import { fetch } from '../../../src/protocol/messages/fetch.js'
import { listOffsets } from '../../../src/protocol/messages/list-offsets.js'
import { offsetForLeaderEpoch } from '../../../src/protocol/messages/offset-for-leader-epoch.js'
import { produce } from '../../../src/protocol/messages/produce.js'
import { frameOf } from '../probe.js'
import { altered, batchOf } from './batches.js'
import { produceDraft } from './produce.js'

/** Made by the cases of Produce. */
const TOPIC = 'Produce-all-acks-v12'

export const webSocketFrames: readonly { what: string; frame(): Buffer }[] = [
  {
    what: 'ApiVersions v4',
    frame: () =>
      frameOf(apiVersions, 4, { clientSoftwareName: 'oracle', clientSoftwareVersion: '1' }),
  },
  {
    what: 'ApiVersions in a version that is not there',
    frame: () => {
      const frame = frameOf(apiVersions, 0, {})
      frame.writeInt16BE(77, 6)
      return frame
    },
  },
  {
    what: 'Fetch v11',
    frame: () =>
      frameOf(fetch, 11, {
        maxWaitMs: 0,
        minBytes: 0,
        topics: [
          {
            topic: TOPIC,
            partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: 1 << 20 }],
          },
        ],
        forgottenTopicsData: [],
      }),
  },
  {
    what: 'ListOffsets v7',
    frame: () =>
      frameOf(listOffsets, 7, {
        replicaId: -1,
        topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, timestamp: -3 }] }],
      }),
  },
  {
    what: 'OffsetForLeaderEpoch v4',
    frame: () =>
      frameOf(offsetForLeaderEpoch, 4, {
        replicaId: -1,
        topics: [{ topic: TOPIC, partitions: [{ partition: 0, leaderEpoch: 0 }] }],
      }),
  },
  {
    what: 'DescribeConfigs v4',
    frame: () =>
      frameOf(describeConfigs, 4, {
        resources: [{ resourceType: 2, resourceName: TOPIC, configurationKeys: null }],
      }),
  },
  {
    what: 'Produce v12 of a control batch',
    frame: () => {
      const records = altered(batchOf(['a']), (view) => view.setInt16(21, 0x20))
      return frameOf(produce, 12, produceDraft({ name: TOPIC, records }))
    },
  },
  {
    what: 'an API that is not there',
    frame: () => {
      const frame = frameOf(apiVersions, 0, {})
      frame.writeInt16BE(999, 4)
      return frame
    },
  },
]
