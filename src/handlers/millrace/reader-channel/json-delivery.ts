// Records as JSON. A batch that is not delivered whole, because the credit ended within it, is kept open
// where it stopped, so that it is not unpacked again and again: one batch a channel at most.
import { type Failure, fail } from '../../../base/errors.js'
import type { Cursor } from '../../../protocol/millrace/cursor.js'
import type { ValueForm } from '../../../protocol/millrace/messages.js'
import { ProtocolError } from '../../../protocol/protocol-error.js'
import { type ChannelFailure, type ChannelHost, channelFailure } from '../channel.js'
import { type WalkedBatch, walkBatches } from './batch-walk.js'
import type { Delivery } from './delivery.js'
import { OpenBatch } from './open-batch.js'
import type { PartitionReader } from './partition-reader.js'
import type { SourceRead } from './read-source.js'

/** A message is sent when it gets this long. */
const MESSAGE_CHARACTERS = 64 * 1024

/** Records that are not sent yet, and what they will take from the credit. */
interface PendingMessage {
  texts: string[]
  characters: number
}

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

  deliver(reader: PartitionReader, read: SourceRead, credit: number): number {
    try {
      return this.deliverAll(reader, read, credit)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.fail(reader, fail('CORRUPT_BATCH', error.message).failure)
      return 0
    }
  }

  private deliverAll(reader: PartitionReader, read: SourceRead, credit: number): number {
    const message: PendingMessage = { texts: [], characters: 0 }
    const endOffset = reader.endOffset(read.state)
    const from = reader.position
    let sent = 0
    for (const batch of batchesOf(read)) {
      if (batch.lastOffset < reader.position) continue
      const open = batch.isControl ? undefined : this.openBatch(reader, batch)
      while (open?.next !== undefined && sent + message.characters < credit) {
        const limit = Math.min(MESSAGE_CHARACTERS, credit - sent) - message.characters
        const { text, characters } = open.takeText(limit)
        message.texts.push(text)
        message.characters += characters
        this.move(reader, open.next?.offset ?? batch.lastOffset + 1, batch)
        if (message.characters >= MESSAGE_CHARACTERS) sent += this.send(reader, message, endOffset)
      }
      this.kept = open?.next === undefined ? undefined : open
      if (this.kept !== undefined) break
      // The last records of a compacted batch may be gone: the batch says where it ends.
      this.move(reader, batch.lastOffset + 1, batch)
    }
    sent += this.send(reader, message, endOffset)
    if (sent === 0 && reader.position > from) this.announcePosition(reader, endOffset)
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

  private send(reader: PartitionReader, message: PendingMessage, endOffset: number): number {
    const { texts, characters } = message
    if (texts.length === 0) return 0
    const { channel, cursor, host } = this.options
    host.outbox.sendJson(
      `{"type":"deliver","channel":${channel},"partition":${reader.source.index},"bytes":${characters},` +
        `"nextOffset":${reader.position},"endOffset":${endOffset},"cursor":"${cursor.toText()}","records":[${texts.join(',')}]}`,
    )
    message.texts = []
    message.characters = 0
    return characters
  }

  private announcePosition(reader: PartitionReader, endOffset: number): void {
    const { channel, cursor, host } = this.options
    host.outbox.send({
      type: 'position',
      channel,
      partition: reader.source.index,
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
    const place = { partition: reader.source.index }
    this.options.failed(channelFailure(failure, place))
  }
}

function* batchesOf(read: SourceRead): Generator<WalkedBatch> {
  for (const chunk of read.chunks) yield* walkBatches(chunk)
}
