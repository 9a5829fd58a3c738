// A reader: an async iterator over records that goes on by itself after a lost connection, exactly where
// it was, and says so when it cannot.
import type { Link } from '../connection/link.js'
import { ClosedError, type Gap, GapError } from '../errors.js'
import type { ReaderOptions, ReceivedRecord } from '../options.js'
import { decodeBatches, UnsupportedCodec } from './decode-batches.js'
import { decodeJson } from './decode-json.js'
import type { QueuedRecords } from './delivery-queue.js'
import { Positions } from './positions.js'
import { ReaderChannel } from './reader-channel.js'

export class Reader implements AsyncIterable<ReceivedRecord>, AsyncDisposable {
  private readonly channel: ReaderChannel
  /** Behind the deliveries that were taken from the queue. */
  private readonly handled = new Positions()
  /** Behind the records that the application took. */
  private readonly taken = new Positions()
  /** Of the delivery that is being handed out. */
  private leaderEpoch = -1
  /** Where each partition stops; filled on the first open. */
  private readonly ends = new Map<number, number>()

  constructor(
    link: Link,
    readonly topic: string,
    private readonly options: ReaderOptions,
  ) {
    this.channel = new ReaderChannel(link, topic, options)
    const abort = (): void => this.channel.abandon(new ClosedError('reader'))
    options.signal?.addEventListener('abort', abort, { once: true })
  }

  async opened(): Promise<void> {
    await this.channel.opened()
    for (const { partition, offset, endOffset } of this.channel.starts ?? []) {
      this.handled.move(partition, offset, -1)
      this.taken.move(partition, offset, -1)
      if (this.options.until === 'end') this.ends.set(partition, endOffset)
    }
    this.taken.copyFrom(this.channel.arrived)
    this.handled.topicId = this.channel.arrived.topicId
  }

  /** Goes on behind the last record that was taken: keep it, and give it as `from: { cursor }`. */
  get cursor(): string {
    return this.taken.toCursor()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedRecord, void, void> {
    for await (const records of this.batches()) {
      const { leaderEpoch } = this
      for (const record of records) {
        this.taken.move(record.partition, record.offset + 1, leaderEpoch)
        yield record
      }
    }
  }

  /** The same records, as many at a time as arrived together: fewer steps for bulk reading. */
  async *batches(): AsyncGenerator<readonly ReceivedRecord[], void, void> {
    const { queue } = this.channel
    try {
      // A gap is told even where it leads to the end.
      while (!this.isAtEnd() || queue.hasGap) {
        const item = await queue.take()
        if (item === undefined) return
        const records = item.kind === 'records' ? await this.decode(item) : []
        if (records === undefined) continue
        this.leaderEpoch = item.leaderEpoch
        this.step(item.partition, item.nextOffset, item.leaderEpoch)
        if (item.kind === 'gap') this.tell(item.gap)
        if (records.length > 0) yield records
        this.taken.move(item.partition, item.nextOffset, item.leaderEpoch)
        if (item.kind === 'records') this.channel.giveBack(item.bytes)
      }
    } finally {
      this.channel.close()
    }
  }

  async close(): Promise<void> {
    this.channel.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private step(partition: number, nextOffset: number, leaderEpoch: number): void {
    const { topicId } = this.channel.arrived
    this.handled.topicId = topicId
    this.taken.topicId = topicId
    this.handled.move(partition, nextOffset, leaderEpoch)
    this.taken.move(partition, nextOffset, leaderEpoch)
  }

  private isAtEnd(): boolean {
    if (this.options.until !== 'end' || this.ends.size === 0) return false
    for (const [partition, end] of this.ends) {
      if (this.handled.offset(partition) < end) return false
    }
    return true
  }

  private tell(gap: Gap): void {
    if (this.options.onGap === undefined) throw new GapError(gap)
    this.options.onGap(gap)
  }

  /** undefined: this client cannot unpack it and asked the broker to. */
  private async decode(item: QueuedRecords): Promise<readonly ReceivedRecord[] | undefined> {
    const { partition, offset: from, content } = item
    const to = this.ends.get(partition) ?? Number.POSITIVE_INFINITY
    if (!(content instanceof Uint8Array)) return decodeJson(content, this.topic, { from, to })
    const { topic } = this
    const { decompress } = this.options
    try {
      return await decodeBatches(content, { topic, partition, from, to, decompress })
    } catch (error) {
      if (!(error instanceof UnsupportedCodec)) throw error
      this.channel.readAsJson(this.handled)
      return undefined
    }
  }
}
