// Reads partitions of one leader for one reader: whoever wants more waits in a Fetch at the leader, together with
// those who want more at the same time. A Fetch that waits holds up nobody who comes later: that one waits in a Fetch
// of its own, on another connection.
import { type Outcome, succeed } from '../base/errors.js'
import type { AbortedTransaction } from '../log/types.js'
import { codecFor } from '../protocol/codec.js'
import { type FetchResponse, fetch } from '../protocol/messages/fetch.js'
import type { RemotePartition, RemoteState, RemoteSurroundings } from './remote-partition.js'

export interface FeedRead {
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  /** `logEndOffset` is the high watermark: a consumer is told no more. */
  readonly state: RemoteState
  readonly aborted: readonly AbortedTransaction[]
}

export interface FeedOptions {
  readonly leaderId: number
  readonly isolation: 'uncommitted' | 'committed'
  /** Unique in the thread. */
  readonly name: string
}

interface Wanted {
  readonly partition: RemotePartition
  readonly offset: number
  readonly maxBytes: number
  settle(read: Outcome<FeedRead>): void
}

const FETCH_VERSION = 16
const MAX_WAIT_MS = 500
const ANSWER_WITHIN_MS = 10_000
const ANSWER_MAX_BYTES = 4 << 20
/** With more of them waiting at once, whoever comes waits for the next to come back. */
const MAX_LANES = 4

type FetchedPartition = FetchResponse['responses'][number]['partitions'][number]

export class RemoteFeed {
  private readonly wanted = new Set<Wanted>()
  private readonly idleLanes: string[]
  private isScheduled = false
  private isClosed = false

  constructor(
    private readonly options: FeedOptions,
    private readonly surroundings: RemoteSurroundings,
  ) {
    const { name } = options
    this.idleLanes = Array.from({ length: MAX_LANES }, (_, lane) => `${name}.${lane}`)
  }

  /** Resolves when there is something from `offset` on, or with why there never will be. */
  read(
    partition: RemotePartition,
    { offset, maxBytes }: { readonly offset: number; readonly maxBytes: number },
  ): Promise<Outcome<FeedRead>> {
    return new Promise((settle) => {
      this.wanted.add({ partition, offset, maxBytes, settle })
      this.schedule()
    })
  }

  /** What was asked for is never answered then. */
  close(): void {
    this.isClosed = true
    this.wanted.clear()
    const { leaderId, name } = this.options
    for (let lane = 0; lane < MAX_LANES; lane++) {
      this.surroundings.links.closeLane(leaderId, `${name}.${lane}`)
    }
  }

  // Others of the same turn go with it.
  private schedule(): void {
    if (this.isScheduled || this.isClosed || this.wanted.size === 0) return
    this.isScheduled = true
    queueMicrotask(() => {
      this.isScheduled = false
      const lane = this.isClosed ? undefined : this.idleLanes.pop()
      if (lane === undefined || this.wanted.size === 0) return
      const together = [...this.wanted]
      this.wanted.clear()
      void this.fetch(lane, together)
    })
  }

  private async fetch(lane: string, together: readonly Wanted[]): Promise<void> {
    const { leaderId, isolation } = this.options
    const draft = {
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: ANSWER_MAX_BYTES,
      isolationLevel: isolation === 'committed' ? 1 : 0,
      topics: askedTopics(together),
    }
    const ask = { draft, withinMs: MAX_WAIT_MS + ANSWER_WITHIN_MS }
    const to = { leaderId, lane }
    const codec = codecFor(fetch, FETCH_VERSION)
    const answer = await this.surroundings.links.request(to, codec, ask)
    if (this.isClosed) return
    this.idleLanes.push(lane)
    for (const one of together) {
      if (!answer.ok) one.settle(answer)
      else this.take(one, answer.value)
    }
    this.schedule()
  }

  private take(one: Wanted, answer: FetchResponse): void {
    const { topicId, index, leaderEpoch } = one.partition.place
    const told = answer.responses
      .find((topic) => topic.topicId === topicId)
      ?.partitions.find((partition) => partition.partitionIndex === index)
    const errorCode = answer.errorCode === 0 ? (told?.errorCode ?? 0) : answer.errorCode
    if (errorCode !== 0) {
      const message = `broker ${this.options.leaderId} refused it with error ${errorCode}`
      one.settle(this.surroundings.errorOf(errorCode, message))
      return
    }
    const records = joined(told?.records ?? [])
    if (told === undefined || records.length === 0) {
      this.wanted.add(one)
      return
    }
    one.settle(
      succeed({ chunks: [records], sizeBytes: records.length, ...contextOf(told, leaderEpoch) }),
    )
  }
}

function contextOf(
  told: FetchedPartition,
  leaderEpoch: number,
): Pick<FeedRead, 'state' | 'aborted'> {
  const { highWatermark, lastStableOffset, logStartOffset, abortedTransactions } = told
  const logEndOffset = highWatermark
  const state = { logStartOffset, logEndOffset, highWatermark, lastStableOffset, leaderEpoch }
  return { state, aborted: abortedTransactions ?? [] }
}

// The network cuts anywhere; who reads wants whole batches.
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = NOTHING] = pieces
  return pieces.length <= 1 ? first : Buffer.concat(pieces)
}

const NOTHING = new Uint8Array(0)

function askedTopics(together: readonly Wanted[]) {
  const topics = new Map<string, Wanted[]>()
  for (const one of together) {
    const { topicId } = one.partition.place
    const known = topics.get(topicId)
    if (known === undefined) topics.set(topicId, [one])
    else known.push(one)
  }
  return [...topics].map(([topicId, partitions]) => ({
    topicId,
    partitions: partitions.map(({ partition, offset, maxBytes }) => ({
      partition: partition.place.index,
      currentLeaderEpoch: partition.place.leaderEpoch,
      fetchOffset: offset,
      partitionMaxBytes: maxBytes,
    })),
  }))
}
