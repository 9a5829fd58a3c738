// DurableOffsets: what a follower has on its disk, after each flush round. It has no answer, and its values
// are absolute, so that one that is lost does no harm.
import { array, defineApi, int32, int64, uuid } from '../schema.js'
import { DURABLE_OFFSETS_KEY } from './keys.js'

export const durableOffsets = defineApi({
  key: DURABLE_OFFSETS_KEY,
  name: 'DurableOffsets',
  versions: [0, 0],
  flexible: 'none',
  request: {
    brokerId: int32,
    topics: array({
      topicId: uuid,
      partitions: array({
        partition: int32,
        // In which the records below were fetched
        leaderEpoch: int32,
        // Everything below is on the disk
        durableOffset: int64,
      }),
    }),
  },
  response: {},
})
