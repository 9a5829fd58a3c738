// What can be asked about a partition that another broker leads. Whoever holds one holds it for one leader and
// its epoch: a later one is another RemotePartition.
import type { Clock } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { MetadataImage } from '../metadata/image.js'
import { codecFor } from '../protocol/codec.js'
import type { Codec } from '../protocol/codec-types.js'
import { describeProducers } from '../protocol/messages/describe-producers.js'
import { listOffsets } from '../protocol/messages/list-offsets.js'
import { offsetForLeaderEpoch } from '../protocol/messages/offset-for-leader-epoch.js'
import { produce } from '../protocol/messages/produce.js'
import type { Draft, Fields, Infer } from '../protocol/schema.js'
import type { LeaderLinks } from './leader-links.js'

export interface RemotePlace {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly leaderId: number
  readonly leaderEpoch: number
}

export interface RemoteSurroundings {
  readonly links: LeaderLinks
  readonly clock: Clock
  image(): MetadataImage
  /** What another broker answered, as a failure of ours. */
  errorOf(errorCode: number, message: string): Outcome<never>
}

/** As far as readers need it; when it was asked for. */
export interface RemoteState {
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly leaderEpoch: number
}

const ASK_WITHIN_MS = 10_000
const SETTLE_WITHIN_MS = 30_000
const LOOK_AGAIN_MS = 20
/** Partitions share so many connections to a leader, so that one that waits holds up few others. */
const PRODUCE_LANES = 8
const ASK_LANE = 'ask'
const EARLIEST = -2
const LATEST = -1
const CONSUMER = -1
const UNCOMMITTED = 0
const COMMITTED = 1

export class RemotePartition {
  constructor(
    readonly place: RemotePlace,
    private readonly surroundings: RemoteSurroundings,
  ) {}

  /** The leader and its epoch are those that this broker knows of. */
  isCurrent(): boolean {
    const { topicId, index, leaderId, leaderEpoch } = this.place
    const now = this.surroundings.image().topicById(topicId)?.partitions[index]
    return now?.leaderId === leaderId && now.leaderEpoch === leaderEpoch
  }

  /**
   * Appends a whole batch and resolves with its offset once it is what `acks` asks for. Batches are carried out
   * in the order of the calls. The bytes are copied before it returns.
   */
  async produce(
    batch: Uint8Array,
    { acks, timeoutMs }: { readonly acks: 'leader' | 'all'; readonly timeoutMs: number },
  ): Promise<Outcome<number>> {
    const { topicId, index, leaderId } = this.place
    const partitionData = [{ index, records: [batch.slice()] }]
    const draft = {
      acks: acks === 'all' ? -1 : 1,
      timeoutMs,
      topicData: [{ topicId, partitionData }],
    }
    const to = { leaderId, lane: `produce ${index % PRODUCE_LANES}` }
    const ask = { draft, withinMs: timeoutMs + ASK_WITHIN_MS }
    const answer = await this.surroundings.links.request(to, codecFor(produce, 13), ask)
    if (!answer.ok) return answer
    const told = answer.value.responses[0]?.partitionResponses[0]
    if (told === undefined) return this.noAnswer('Produce')
    return this.checked(told.errorCode, told.errorMessage) ?? succeed(told.baseOffset)
  }

  /** The last sequence that the leader remembers of a producer; undefined: none. */
  async lastSequence(producerId: number): Promise<Outcome<number | undefined>> {
    const { topic, index } = this.place
    const answer = await this.ask(codecFor(describeProducers, 0), {
      topics: [{ name: topic, partitionIndexes: [index] }],
    })
    if (!answer.ok) return answer
    const told = answer.value.topics[0]?.partitions[0]
    if (told === undefined) return this.noAnswer('DescribeProducers')
    const refused = this.checked(told.errorCode, told.errorMessage)
    if (refused !== undefined) return refused
    const known = told.activeProducers.find((one) => one.producerId === producerId)
    return succeed(known === undefined || known.lastSequence < 0 ? undefined : known.lastSequence)
  }

  /** Resolves when everything that the log has now is on all replicas that count. */
  async settled(): Promise<Outcome<true>> {
    const { clock } = this.surroundings
    const deadlineMs = clock.monotonicMs() + SETTLE_WITHIN_MS
    const end = await this.endOfTerm(this.place.leaderEpoch)
    if (!end.ok) return end
    for (;;) {
      const highWatermark = await this.offset(LATEST, UNCOMMITTED)
      if (!highWatermark.ok) return highWatermark
      if (highWatermark.value >= end.value) return succeed(true)
      if (clock.monotonicMs() > deadlineMs) {
        return fail('TIMED_OUT', `not acknowledged within ${SETTLE_WITHIN_MS} ms`)
      }
      await new Promise<void>((done) => {
        clock.after(LOOK_AGAIN_MS, done)
      })
    }
  }

  async state(): Promise<Outcome<RemoteState>> {
    const { leaderEpoch } = this.place
    const [start, end, highWatermark, lastStable] = await Promise.all([
      this.offset(EARLIEST, UNCOMMITTED),
      this.endOfTerm(leaderEpoch),
      this.offset(LATEST, UNCOMMITTED),
      this.offset(LATEST, COMMITTED),
    ])
    if (!start.ok) return start
    if (!end.ok) return end
    if (!highWatermark.ok) return highWatermark
    if (!lastStable.ok) return lastStable
    return succeed({
      logStartOffset: start.value,
      logEndOffset: end.value,
      highWatermark: highWatermark.value,
      lastStableOffset: lastStable.value,
      leaderEpoch,
    })
  }

  /** Of the first record from this time on; -1: none. */
  offsetForTimestamp(timestampMs: number): Promise<Outcome<number>> {
    return this.offset(timestampMs, UNCOMMITTED)
  }

  /** Where the records of this and earlier epochs end; -1: the leader knows none. */
  async endOfTerm(leaderEpoch: number): Promise<Outcome<number>> {
    const { topic, index, leaderEpoch: currentLeaderEpoch } = this.place
    const answer = await this.ask(codecFor(offsetForLeaderEpoch, 4), {
      replicaId: CONSUMER,
      topics: [{ topic, partitions: [{ partition: index, currentLeaderEpoch, leaderEpoch }] }],
    })
    if (!answer.ok) return answer
    const told = answer.value.topics[0]?.partitions[0]
    if (told === undefined) return this.noAnswer('OffsetForLeaderEpoch')
    return this.checked(told.errorCode, null) ?? succeed(told.endOffset)
  }

  private async offset(timestamp: number, isolationLevel: number): Promise<Outcome<number>> {
    const { topic: name, index: partitionIndex, leaderEpoch: currentLeaderEpoch } = this.place
    const answer = await this.ask(codecFor(listOffsets, 7), {
      replicaId: CONSUMER,
      isolationLevel,
      topics: [{ name, partitions: [{ partitionIndex, currentLeaderEpoch, timestamp }] }],
    })
    if (!answer.ok) return answer
    const told = answer.value.topics[0]?.partitions[0]
    if (told === undefined) return this.noAnswer('ListOffsets')
    return this.checked(told.errorCode, null) ?? succeed(told.offset)
  }

  private ask<Q extends Fields, S extends Fields>(
    codec: Codec<Q, S>,
    draft: Draft<Q>,
  ): Promise<Outcome<Infer<S>>> {
    const to = { leaderId: this.place.leaderId, lane: ASK_LANE }
    return this.surroundings.links.request(to, codec, { draft, withinMs: ASK_WITHIN_MS })
  }

  private checked(errorCode: number, message: string | null): Outcome<never> | undefined {
    if (errorCode === 0) return undefined
    const { topic, index, leaderId } = this.place
    const told = message ?? `broker ${leaderId} refused it with error ${errorCode}`
    return this.surroundings.errorOf(errorCode, `${topic}-${index}: ${told}`)
  }

  private noAnswer(api: string): Outcome<never> {
    return fail('UNEXPECTED', `broker ${this.place.leaderId} answered ${api} without the partition`)
  }
}
