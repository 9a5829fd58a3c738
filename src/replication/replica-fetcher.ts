// Keeps the partitions that one broker leads up with it: one connection, one request in flight, the next
// when what came is in the log. A thread has one of these for each broker it follows.
import type { Clock, Timer } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { HostPort } from '../metadata/image.js'
import { sayHello } from '../peer/hello.js'
import { PeerConnection } from '../peer/peer-connection.js'
import type { PeerTransport } from '../peer/transport.js'
import { codecFor } from '../protocol/codec.js'
import { kafkaErrorCode } from '../protocol/error-codes.js'
import { durableOffsets } from '../protocol/inter-broker/durable-offsets.js'
import { fetch } from '../protocol/messages/fetch.js'
import type { Infer } from '../protocol/schema.js'
import { actionFor, type PartitionAnswer } from './apply-answer.js'
import { type AskedPartition, FetchSession, NO_SESSION, type SessionPart } from './fetch-session.js'
import { type FollowedPartition, followedKey } from './followed-partition.js'
import { type Followed, FollowedSet } from './followed-set.js'
import { performAction } from './perform-action.js'

export interface ReplicaFetcherOptions {
  readonly brokerId: number
  readonly leaderId: number
  /** undefined: the leader is not there now. */
  address(): HostPort | undefined
  clusterId(): string
  /** flush=group: leaders want to know what is on the disk. */
  readonly reportsDurable: boolean
  readonly transport: PeerTransport
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** As Kafka's replica.fetch.* settings. */
const MAX_WAIT_MS = 500
const PARTITION_MAX_BYTES = 1 << 20
const ANSWER_MAX_BYTES = 10 << 20
const OPEN_WITHIN_MS = 2_000
const ANSWER_WITHIN_MS = 10_000
const FRAME_MAX_BYTES = 128 << 20
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1_000
const WAIT_FOR_METADATA_MS = 100
const RETRY_AFTER_MS = 200
const FETCH_VERSION = 17
const SESSION_ERRORS: ReadonlySet<number> = new Set([
  kafkaErrorCode('FETCH_SESSION_ID_NOT_FOUND'),
  kafkaErrorCode('INVALID_FETCH_SESSION_EPOCH'),
  kafkaErrorCode('FETCH_SESSION_TOPIC_ID_ERROR'),
])

type FetchAnswer = Infer<(typeof fetch)['response']>

export class ReplicaFetcher {
  private readonly followed = new FollowedSet()
  private readonly session = new FetchSession(PARTITION_MAX_BYTES)
  private connection: PeerConnection | undefined
  private failures = 0
  private isRunning = false
  private isClosed = false
  private sleeping: { readonly timer: Timer; readonly wake: () => void } | undefined

  constructor(private readonly options: ReplicaFetcherOptions) {}

  get size(): number {
    return this.followed.size
  }

  /** A new epoch of the same partition takes the place of the old one. */
  add(partition: FollowedPartition): void {
    if (!this.followed.add(partition)) return
    this.wake()
    if (!this.isRunning) void this.run()
  }

  remove(key: string): void {
    this.followed.remove(key)
  }

  /** What this broker now has on its disk; lost where there is no connection. */
  reportDurable(moved: readonly FollowedPartition[]): void {
    const topics = new Map<string, FollowedPartition[]>()
    const partitions = moved.filter((partition) => {
      const followed = this.followed.get(followedKey(partition))
      return followed?.isConfirmed && followed.partition.leaderEpoch === partition.leaderEpoch
    })
    if (partitions.length === 0) return
    for (const partition of partitions) {
      const known = topics.get(partition.topicId)
      if (known === undefined) topics.set(partition.topicId, [partition])
      else known.push(partition)
    }
    this.connection?.send(codecFor(durableOffsets, 0), {
      brokerId: this.options.brokerId,
      topics: [...topics].map(([topicId, own]) => ({
        topicId,
        partitions: own.map(({ index, leaderEpoch, log }) => ({
          partition: index,
          leaderEpoch,
          durableOffset: log.durableOffset(),
        })),
      })),
    })
  }

  close(): void {
    this.isClosed = true
    this.connection?.close()
    this.wake()
  }

  private async run(): Promise<void> {
    this.isRunning = true
    while (!this.isClosed && this.followed.size > 0) {
      const connection = await this.connected()
      if (connection === undefined) {
        await this.sleep(this.pauseMs())
        continue
      }
      const { asked, dropped } = this.followed.news(this.options.clock.monotonicMs())
      const part = this.session.part(asked, dropped)
      if (this.session.size > 0) {
        await this.fetchOnce(connection, asked, part)
        continue
      }
      // What is not sent the leader does not forget.
      this.forgetSession()
      await this.sleep(WAIT_FOR_METADATA_MS)
    }
    this.isRunning = false
    this.connection?.close()
    this.connection = undefined
  }

  private async connected(): Promise<PeerConnection | undefined> {
    if (this.connection?.hasEnded === false) return this.connection
    this.forgetSession()
    const { clock, transport, brokerId, leaderId, clusterId, logger } = this.options
    const address = this.options.address()
    this.failures++
    if (address === undefined) return undefined
    const connection = new PeerConnection({
      address,
      transport,
      clock,
      clientId: `broker-${brokerId}`,
      openWithinMs: OPEN_WITHIN_MS,
      maxAnswerBytes: FRAME_MAX_BYTES,
    })
    this.connection = connection
    const hello = await sayHello(connection, { clusterId: clusterId(), brokerId }, OPEN_WITHIN_MS)
    const isLeader = hello.ok && hello.value.brokerId === leaderId
    if (isLeader && !this.isClosed) {
      this.failures = 0
      // What was told over another connection may have been lost.
      this.followed.noneConfirmed()
      return connection
    }
    const reason = hello.ok ? `it is broker ${hello.value.brokerId}` : hello.failure.message
    logger.debug('cannot follow a leader', { leaderId, reason })
    connection.close()
    return undefined
  }

  private forgetSession(): void {
    this.session.reset()
    this.followed.allChanged()
  }

  private async fetchOnce(
    connection: PeerConnection,
    asked: readonly AskedPartition[],
    part: SessionPart,
  ): Promise<void> {
    const draft = {
      replicaState: { replicaId: this.options.brokerId, replicaEpoch: -1 },
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: ANSWER_MAX_BYTES,
      ...part,
    }
    const answer = await connection.request(
      codecFor(fetch, FETCH_VERSION),
      draft,
      MAX_WAIT_MS + ANSWER_WITHIN_MS,
    )
    if (!answer.ok) {
      this.forgetSession()
      return
    }
    const { errorCode, sessionId } = answer.value
    if (errorCode === 0) {
      if (sessionId === NO_SESSION) this.forgetSession()
      else this.session.answered(sessionId)
      await this.takeAll(answer.value)
      this.confirmSilent(asked, answer.value)
      return
    }
    this.forgetSession()
    if (SESSION_ERRORS.has(errorCode)) return
    this.options.logger.warn('a leader refuses to be followed', {
      leaderId: this.options.leaderId,
      errorCode,
    })
    await this.sleep(RETRY_AFTER_MS)
  }

  private async takeAll(answer: FetchAnswer): Promise<void> {
    for (const { topicId, partitions } of answer.responses) {
      for (const part of partitions) {
        const followed = this.followed.get(followedKey({ topicId, index: part.partitionIndex }))
        if (followed === undefined) continue
        this.followed.noteChanged(followedKey(followed.partition))
        await this.take(followed, part)
      }
    }
  }

  // In a session a leader says nothing of a partition of which there is no news: it took the fetch. Who was
  // asked for earlier was confirmed then.
  private confirmSilent(asked: readonly AskedPartition[], answer: FetchAnswer): void {
    const told = new Set(
      answer.responses.flatMap(({ topicId, partitions }) =>
        partitions.map(({ partitionIndex }) => followedKey({ topicId, index: partitionIndex })),
      ),
    )
    for (const { partition } of asked) {
      const key = followedKey(partition)
      const followed = this.followed.get(key)
      if (followed?.partition === partition && !told.has(key)) this.confirm(followed)
    }
  }

  private async take(followed: Followed, answer: PartitionAnswer): Promise<void> {
    const { log } = followed.partition
    const { logStartOffset, logEndOffset } = log.state()
    const action = actionFor(answer, {
      logStartOffset,
      logEndOffset,
      endOffsetForEpoch: (epoch) => log.endOffsetForEpoch(epoch),
    })
    const done = await performAction(followed.partition, action, this.options.logger)
    if (done === 'applied') this.confirm(followed)
    else if (done === 'waits') this.pause(followed, WAIT_FOR_METADATA_MS)
    else if (done === 'failed') this.pause(followed, RETRY_AFTER_MS)
  }

  // What is on the disk already is not told by any flush.
  private confirm(followed: Followed): void {
    if (followed.isConfirmed || !this.options.reportsDurable) return
    followed.isConfirmed = true
    this.reportDurable([followed.partition])
  }

  private pause(followed: Followed, forMs: number): void {
    followed.pausedUntilMs = this.options.clock.monotonicMs() + forMs
  }

  private pauseMs(): number {
    const { random } = this.options
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 10))
    return longest * (0.5 + random.next() / 2)
  }

  private sleep(forMs: number): Promise<void> {
    return new Promise((done) => {
      const wake = () => {
        this.sleeping?.timer.cancel()
        this.sleeping = undefined
        done()
      }
      this.sleeping = { timer: this.options.clock.after(forMs, wake), wake }
    })
  }

  private wake(): void {
    this.sleeping?.wake()
  }
}
