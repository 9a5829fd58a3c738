// Producer ids are handed out from blocks. A block is stored as taken before its first id leaves the
// broker; what a crash leaves of it is never used.
import type { ClusterState, Decision } from './state.js'

export const PRODUCER_ID_BLOCK = 1000

export interface ProducerIdBlock {
  readonly first: number
  readonly end: number
}

export function decideProducerIdBlock(state: ClusterState): Decision<ProducerIdBlock> {
  const first = state.nextProducerId
  const end = first + PRODUCER_ID_BLOCK
  return {
    changes: [{ type: 'producer-ids', record: { nextProducerId: end } }],
    response: { first, end },
  }
}
