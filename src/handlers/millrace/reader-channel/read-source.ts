// What a reader needs of a partition, whether this broker leads it or another does.
import { type Failure, type Outcome, succeed } from '../../../base/errors.js'
import type { AbortedTransaction, LogState, ReadOptions } from '../../../log/types.js'
import type { Partition } from '../../../partition/partition.js'
import type { RemoteFeed } from '../../../relay/remote-feed.js'
import type { RemotePartition } from '../../../relay/remote-partition.js'

export type ReadState = Pick<
  LogState,
  'logStartOffset' | 'logEndOffset' | 'highWatermark' | 'lastStableOffset' | 'leaderEpoch'
>

export interface SourceRead {
  readonly status: 'ok'
  /** Whole batches. */
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly state: ReadState
}

export interface SourceFailure {
  readonly status: 'failed'
  readonly failure: Failure
  /** Known where the offset was out of range. */
  readonly state: ReadState | undefined
}

export interface ReadSource {
  readonly index: number
  readonly topicId: string
  readonly leaderEpoch: number
  /** False: somebody else leads it by now, or it is gone. */
  isServed(): boolean
  state(): Promise<Outcome<ReadState>>
  /** Of the first record from this time on; -1: none. */
  offsetForTimestamp(timestampMs: number): Promise<Outcome<number>>
  /** Where the records of this and earlier epochs end; -1: not known. */
  endOfTerm(leaderEpoch: number): Promise<Outcome<number>>
  /** 'cold': not at hand; use readCold(). */
  read(options: ReadOptions): SourceRead | SourceFailure | { readonly status: 'cold' }
  readCold(options: ReadOptions): Promise<SourceRead | SourceFailure>
  /** Asked for after a read that gave nothing. */
  whenReadable(offset: number, isolation: ReadOptions['isolation'], wake: () => void): () => void
  /** Of what was read last. */
  aborted(fromOffset: number, toOffset: number): readonly AbortedTransaction[]
  dispose(): void
}

export class LocalSource implements ReadSource {
  constructor(
    private readonly partition: Partition,
    private readonly find: () => Partition | undefined,
  ) {}

  get index(): number {
    return this.partition.index
  }

  get topicId(): string {
    return this.partition.topicId
  }

  get leaderEpoch(): number {
    return this.partition.leaderEpoch
  }

  isServed(): boolean {
    return this.find()?.topicId === this.topicId
  }

  async state(): Promise<Outcome<ReadState>> {
    return succeed(this.partition.log.state())
  }

  async offsetForTimestamp(timestampMs: number): Promise<Outcome<number>> {
    const { offset } = await this.partition.log.offsetForTimestamp(timestampMs)
    return succeed(offset)
  }

  async endOfTerm(leaderEpoch: number): Promise<Outcome<number>> {
    return succeed(this.partition.log.endOffsetForEpoch(leaderEpoch).endOffset)
  }

  read(options: ReadOptions) {
    return this.partition.log.read(options)
  }

  readCold(options: ReadOptions): Promise<SourceRead | SourceFailure> {
    return this.partition.log.readCold(options)
  }

  whenReadable(offset: number, isolation: ReadOptions['isolation'], wake: () => void): () => void {
    return this.partition.whenReadable(offset, isolation, wake)
  }

  aborted(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    return this.partition.log.abortedTransactions(fromOffset, toOffset)
  }

  dispose(): void {}
}

const COLD = { status: 'cold' } as const

export class RemoteSource implements ReadSource {
  private lastAborted: readonly AbortedTransaction[] = []

  constructor(
    private readonly partition: RemotePartition,
    private readonly feed: RemoteFeed,
  ) {}

  get index(): number {
    return this.partition.place.index
  }

  get topicId(): string {
    return this.partition.place.topicId
  }

  get leaderEpoch(): number {
    return this.partition.place.leaderEpoch
  }

  isServed(): boolean {
    return this.partition.isCurrent()
  }

  state(): Promise<Outcome<ReadState>> {
    return this.partition.state()
  }

  offsetForTimestamp(timestampMs: number): Promise<Outcome<number>> {
    return this.partition.offsetForTimestamp(timestampMs)
  }

  endOfTerm(leaderEpoch: number): Promise<Outcome<number>> {
    return this.partition.endOfTerm(leaderEpoch)
  }

  read() {
    return COLD
  }

  /** Waits at the leader until there is something. */
  async readCold({ offset, maxBytes }: ReadOptions): Promise<SourceRead | SourceFailure> {
    const read = await this.feed.read(this.partition, { offset, maxBytes })
    if (read.ok) {
      this.lastAborted = read.value.aborted
      return { status: 'ok', ...read.value }
    }
    const { failure } = read
    const state = failure.code === 'OFFSET_OUT_OF_RANGE' ? await this.partition.state() : undefined
    if (state?.ok === false) return { status: 'failed', failure: state.failure, state: undefined }
    return { status: 'failed', failure, state: state?.value }
  }

  whenReadable(): () => void {
    throw new Error('a read at the leader never ends with nothing')
  }

  aborted(): readonly AbortedTransaction[] {
    return this.lastAborted
  }

  dispose(): void {
    this.feed.close()
  }
}
