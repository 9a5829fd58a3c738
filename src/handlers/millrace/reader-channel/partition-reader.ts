// One partition of a reader channel: its position, and whether it has something to give.
import type { Failure } from '../../../base/errors.js'
import type { Isolation } from '../../../protocol/millrace/messages.js'
import type { ReadSource, ReadState, SourceFailure, SourceRead } from './read-source.js'
import { endOf } from './start-position.js'

export type ReadOutcome =
  | { readonly kind: 'data'; readonly read: SourceRead }
  /** Nothing now: the reader says when it is ready again. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly state: ReadState | undefined }

export interface PartitionReaderOptions {
  /** Index in the channel's cursor. */
  readonly slot: number
  readonly source: ReadSource
  readonly offset: number
  readonly isolation: Isolation
  /** The reader may be asked again. */
  ready(reader: PartitionReader): void
}

export class PartitionReader {
  /** Of the next record to deliver. */
  position: number
  /** What was read off the event loop, until it is taken. */
  private fetched: SourceRead | SourceFailure | undefined
  private cancelWait: (() => void) | undefined
  private isDisposed = false

  constructor(private readonly options: PartitionReaderOptions) {
    this.position = options.offset
  }

  get slot(): number {
    return this.options.slot
  }

  get source(): ReadSource {
    return this.options.source
  }

  endOffset(state: ReadState): number {
    return endOf(state, this.options.isolation)
  }

  read(maxBytes: number): ReadOutcome {
    const { source, isolation } = this.options
    const options = { offset: this.position, maxBytes, atLeastOne: true, isolation }
    const result = this.fetched ?? source.read(options)
    this.fetched = undefined
    if (result.status === 'cold') {
      void this.fetch(maxBytes)
      return { kind: 'waiting' }
    }
    if (result.status === 'failed') {
      return { kind: 'failed', failure: result.failure, state: result.state }
    }
    if (result.chunks.length > 0) return { kind: 'data', read: result }
    this.waitForMore()
    return { kind: 'waiting' }
  }

  dispose(): void {
    this.isDisposed = true
    this.fetched = undefined
    this.cancelWait?.()
    this.cancelWait = undefined
    this.source.dispose()
  }

  private waitForMore(): void {
    const { source, isolation } = this.options
    this.cancelWait?.()
    this.cancelWait = source.whenReadable(this.position, isolation, () => {
      this.cancelWait = undefined
      if (!this.isDisposed) this.options.ready(this)
    })
  }

  private async fetch(maxBytes: number): Promise<void> {
    const { source, isolation } = this.options
    const options = { offset: this.position, maxBytes, atLeastOne: true, isolation }
    const result = await source.readCold(options).catch((error: unknown) => ({
      status: 'failed' as const,
      failure: { code: 'STORAGE_FAILED' as const, message: String(error) },
      state: undefined,
    }))
    if (this.isDisposed) return
    this.fetched = result
    this.options.ready(this)
  }
}
