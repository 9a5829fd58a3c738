// Producer ids are handed out from blocks. A block is stored as taken before its first id leaves the
// broker; what a crash leaves of it is never used.
import { type Failure, type Outcome, succeed } from '../base/errors.js'
import type { Change, ClusterState, Decision } from './state.js'

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

/** The block that ids are taken from now. */
export class ProducerIds {
  private next = 0
  private end = 0

  constructor(
    private readonly state: ClusterState,
    private readonly commit: (changes: readonly Change[]) => Promise<Failure | undefined>,
  ) {}

  /** undefined: the block is used up. */
  takeSpare(): number | undefined {
    return this.next < this.end ? this.next++ : undefined
  }

  /** One call at a time. */
  async take(): Promise<Outcome<number>> {
    const spare = this.takeSpare()
    if (spare !== undefined) return succeed(spare)
    const { changes, response } = decideProducerIdBlock(this.state)
    const failure = await this.commit(changes)
    if (failure !== undefined) return { ok: false, failure }
    this.next = response.first
    this.end = response.end
    return succeed(this.next++)
  }
}
