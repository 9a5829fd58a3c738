// Record batches as they are stored: a header, then the view of the mapping itself.
import { writeDelivery } from '../../../protocol/millrace/binary.js'
import type { Cursor } from '../../../protocol/millrace/cursor.js'
import type { Isolation } from '../../../protocol/millrace/messages.js'
import type { ChannelHost } from '../channel.js'
import { findChunkEnd } from './batch-walk.js'
import type { Delivery } from './delivery.js'
import type { PartitionReader } from './partition-reader.js'
import type { SourceRead } from './read-source.js'

/** Below it one frame with a copy is cheaper than two frames. */
const COPY_BELOW_BYTES = 4096

export class BinaryDelivery implements Delivery {
  constructor(
    private readonly channel: number,
    private readonly isolation: Isolation,
    private readonly cursor: Cursor,
    private readonly host: ChannelHost,
  ) {}

  deliver(reader: PartitionReader, read: SourceRead): number {
    this.host.outbox.flush()
    let bytes = 0
    const endOffset = reader.endOffset(read.state)
    for (const chunk of read.chunks) {
      const end = findChunkEnd(chunk)
      if (end === undefined || end.nextOffset <= reader.position) continue
      this.cursor.move(reader.slot, end.nextOffset, end.leaderEpoch)
      const header = {
        channel: this.channel,
        partition: reader.source.index,
        offset: reader.position,
        nextOffset: end.nextOffset,
        endOffset,
        cursor: this.cursor.bytes(),
        aborted: this.aborted(reader, end.nextOffset),
      }
      if (chunk.length < COPY_BELOW_BYTES) {
        this.host.socket.sendBinary(writeDelivery(header, chunk, true))
      } else {
        this.host.socket.sendPair(writeDelivery(header, chunk, false), chunk)
      }
      reader.position = end.nextOffset
      bytes += chunk.length
    }
    return bytes
  }

  private aborted(reader: PartitionReader, nextOffset: number) {
    if (this.isolation === 'uncommitted') return []
    return reader.source.aborted(reader.position, nextOffset)
  }
}
