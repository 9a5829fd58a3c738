// Records as JSON. A batch that is not delivered whole, because the credit ended within it, is kept open
// where it stopped, so that it is not unpacked again and again: one batch a channel at most.
import { type Failure, fail } from '../../../base/errors.js'
import type { ReadOk } from '../../../log/types.js'
import type { Cursor } from '../../../protocol/millrace/cursor.js'
import type { ValueForm } from '../../../protocol/millrace/messages.js'
import { ProtocolError } from '../../../protocol/protocol-error.js'
import { type ChannelFailure, type ChannelHost, channelFailure } from '../channel.js'
import { type WalkedBatch, walkBatches } from './batch-walk.js'
import type { Delivery } from './delivery.js'
import { OpenBatch } from './open-batch.js'
import type { PartitionReader } from './partition-reader.js'

/** A message is sent when it gets this long. */
const MESSAGE_CHARACTERS = 64 * 1024

export interface JsonDeliveryOptions {
  readonly channel: number
  readonly form: ValueForm
  readonly cursor: Cursor
  readonly host: ChannelHost
  failed(failure: ChannelFailure): void
}

export class JsonDelivery implements Delivery {
  private kept: OpenBatch | undefined

  constructor(private readonly options: JsonDeliveryOptions) {}

  deliver(reader: PartitionReader, read: ReadOk, credit: number): number {
    try {
      return this.deliverAll(reader, read, credit)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.fail(reader, fail('CORRUPT_BATCH', error.message).failure)
      return 0
    }
  }

  private deliverAll(reader: PartitionReader, read: ReadOk, credit: number): number {
    const endOffset = reader.endOffset(read.state)
    let sent = 0
    let isHidden = false
    for (const chunk of read.chunks) {
      for (const batch of walkBatches(chunk)) {
        if (batch.lastOffset < reader.position) continue
        if (batch.isControl) {
          this.move(reader, batch.lastOffset + 1, batch)
          isHidden = true
          continue
        }
        sent += this.deliverBatch(reader, batch, { endOffset, credit: credit - sent })
        if (reader.position <= batch.lastOffset) return sent
      }
    }
    if (isHidden && sent === 0) this.announcePosition(reader, endOffset)
    return sent
  }

  /** Sends messages until the batch or the credit ends; returns what they took. */
  private deliverBatch(
    reader: PartitionReader,
    batch: WalkedBatch,
    { endOffset, credit }: { endOffset: number; credit: number },
  ): number {
    const open = this.openBatch(reader, batch)
    let sent = 0
    while (sent < credit && open.next !== undefined) {
      const limit = Math.min(MESSAGE_CHARACTERS, credit - sent)
      const { text, characters } = open.takeText(limit)
      this.move(reader, open.next?.offset ?? batch.lastOffset + 1, batch)
      this.sendRecords(reader, text, { characters, endOffset })
      sent += characters
    }
    if (open.next === undefined) {
      // The last records of a compacted batch may be gone: the batch says where it ends.
      this.move(reader, batch.lastOffset + 1, batch)
      this.kept = undefined
    } else {
      this.kept = open
    }
    return sent
  }

  private openBatch(reader: PartitionReader, batch: WalkedBatch): OpenBatch {
    const { kept } = this
    if (kept?.slot === reader.slot && kept.next?.offset === reader.position) return kept
    const { decompress } = this.options.host.services
    const { slot, position } = reader
    const { form } = this.options
    return new OpenBatch(batch.bytes, { slot, from: position, form, decompress })
  }

  private sendRecords(
    reader: PartitionReader,
    records: string,
    { characters, endOffset }: { characters: number; endOffset: number },
  ): void {
    const { channel, cursor, host } = this.options
    host.outbox.sendJson(
      `{"type":"deliver","channel":${channel},"partition":${reader.partition.index},"bytes":${characters},` +
        `"nextOffset":${reader.position},"endOffset":${endOffset},"cursor":"${cursor.toText()}","records":[${records}]}`,
    )
  }

  private announcePosition(reader: PartitionReader, endOffset: number): void {
    const { channel, cursor, host } = this.options
    host.outbox.send({
      type: 'position',
      channel,
      partition: reader.partition.index,
      nextOffset: reader.position,
      endOffset,
      cursor: cursor.toText(),
    })
  }

  private move(reader: PartitionReader, offset: number, batch: WalkedBatch): void {
    reader.position = offset
    this.options.cursor.move(reader.slot, offset, batch.leaderEpoch)
  }

  private fail(reader: PartitionReader, failure: Failure): void {
    const place = { partition: reader.partition.index }
    this.options.failed(channelFailure(failure, place))
  }
}
