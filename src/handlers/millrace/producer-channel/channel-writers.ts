// The writers of a producer channel, made when a partition is first written to: where this broker leads, into its log;
// where another does, one hop to it.
import { fail } from '../../../base/errors.js'
import type { Partition } from '../../../partition/partition.js'
import type { Durability, Identity } from '../../../protocol/millrace/messages.js'
import { sequenceAfter } from '../../../protocol/millrace/sequence.js'
import { type ChannelFailure, channelFailure } from '../channel.js'
import type { MillraceServices } from '../services.js'
import type { ChannelWriter } from './channel-writer.js'
import { PartitionWriter, type StoredBatch } from './partition-writer.js'
import { RemoteWriter, type SentBatch } from './remote-writer.js'

const MAX_PACKED_BYTES = 512 * 1024

export interface ChannelWritersOptions {
  readonly services: MillraceServices
  readonly topic: string
  readonly topicId: string
  readonly durability: Durability
  readonly identity: Identity
  readonly ackTimeoutMs: number
  /** By partition: what is stored of an identity that is taken up again. */
  readonly lastSequences: ReadonlyMap<number, number>
  stored(partition: Partition, batch: StoredBatch): void
  sent(batch: SentBatch): void
}

export class ChannelWriters {
  private readonly byPartition = new Map<number, ChannelWriter>()

  constructor(private readonly options: ChannelWritersOptions) {}

  find(index: number): ChannelWriter | ChannelFailure {
    const known = this.byPartition.get(index)
    if (known !== undefined) return known
    const writer = this.local(index) ?? this.remote(index)
    if (writer === undefined) return this.missing(index)
    this.byPartition.set(index, writer)
    return writer
  }

  clear(): void {
    this.byPartition.clear()
  }

  private local(index: number): ChannelWriter | undefined {
    const { topic, topicId, services, stored } = this.options
    const partition = services.partitions.find(topic, index)
    if (partition?.topicId !== topicId) return undefined
    const whenStored = (batch: StoredBatch) => stored(partition, batch)
    return new PartitionWriter({ ...this.shared(index), partition, stored: whenStored })
  }

  private remote(index: number): ChannelWriter | undefined {
    const { topic, topicId, services, durability, ackTimeoutMs, sent } = this.options
    const remote = services.remote.find(topic, index)
    if (remote?.place.topicId !== topicId) return undefined
    return new RemoteWriter({ ...this.shared(index), durability, ackTimeoutMs, sent, remote })
  }

  private shared(index: number) {
    const { identity, lastSequences, services } = this.options
    const last = lastSequences.get(index)
    return {
      identity,
      nextSequence: last === undefined ? 0 : sequenceAfter(last, 1),
      maxBatchBytes: this.maxBatchBytes(),
      builders: services.builders,
    }
  }

  private maxBatchBytes(): number {
    const { services, topicId } = this.options
    const configs = services.metadata().topicById(topicId)?.configs
    const byDefault = services.config.topicDefaults['max.message.bytes']
    const limit = configs?.['max.message.bytes'] ?? byDefault
    return Math.min(Number(limit ?? MAX_PACKED_BYTES), MAX_PACKED_BYTES)
  }

  private missing(index: number): ChannelFailure {
    const { topic, topicId, services } = this.options
    const exists = services.metadata().topicById(topicId)?.partitions[index]
    const failure = exists
      ? fail('NOT_LEADER', `nobody who can be reached leads ${topic}-${index}`).failure
      : fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic}-${index}`).failure
    return channelFailure(failure, { partition: index })
  }
}
