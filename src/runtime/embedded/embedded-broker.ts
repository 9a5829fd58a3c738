// A broker inside the application. An append runs on the application's thread, into the log that all
// threads of the process share: no message, no hop.
import { systemClock } from '../../base/clock.js'
import { Deadlines } from '../../base/deadlines.js'
import type { ErrorCode, Failure, Outcome } from '../../base/errors.js'
import type { BrokerConfig, HostPort } from '../../config/types.js'
import { attachPartition, onMoved, subscribeMoved, unsubscribeMoved } from '../../log/log.js'
import type { Partition, WaitEnd } from '../../partition/partition.js'
import { ServedRegistry } from '../../partition/served-registry.js'
import { RecordBatchBuilder } from '../../protocol/records/record-batch-builder.js'
import type { ControlLink } from '../control-plane.js'
import { nativeCrc32c } from '../native-crc.js'
import type { WriteBudget } from '../write-budget.js'
import {
  type Acknowledgement,
  type AppendOptions,
  AppendReceipt,
  type Durability,
} from './append-receipt.js'
import {
  buildBatch,
  type EmbeddedRecord,
  type ReadOptions,
  type ReadRecords,
  readFrom,
  recordsFrom,
} from './records.js'

/** Something could not be done; `code` says what kind of thing, `message` tells a person. */
export class EmbeddedBrokerError extends Error {
  override readonly name = 'EmbeddedBrokerError'
  readonly code: ErrorCode

  constructor(failure: Failure) {
    super(failure.message)
    this.code = failure.code
  }
}

export interface TopicOptions {
  readonly partitions?: number
  /** By Kafka's names: `{'retention.ms': '60000'}`. */
  readonly configs?: Readonly<Record<string, string>>
}

/** What the composition root gives. */
export interface EmbeddedParts {
  readonly kafka: HostPort | undefined
  readonly websocket: HostPort | undefined
  readonly clusterId: string
  readonly control: ControlLink
  readonly failed: Promise<Error>
  stop(): Promise<unknown>
}

const DEFAULT_TIMEOUT_MS = 30_000

export class EmbeddedBroker implements AsyncDisposable {
  readonly kafka: HostPort | undefined
  readonly websocket: HostPort | undefined
  readonly clusterId: string
  /** Resolves when the broker failed and has stopped; never otherwise. */
  readonly failed: Promise<Error>
  private readonly deadlines = new Deadlines(systemClock)
  private readonly partitions: ServedRegistry
  private readonly builder = new RecordBatchBuilder({ crc32c: nativeCrc32c })
  private readonly promised: Durability
  private readonly stops: (() => void)[] = []

  constructor(
    private readonly parts: EmbeddedParts,
    private readonly config: BrokerConfig,
    private readonly budget: WriteBudget,
  ) {
    this.kafka = parts.kafka
    this.websocket = parts.websocket
    this.clusterId = parts.clusterId
    this.failed = parts.failed
    this.promised = config.flush === 'group' ? 'durable' : 'appended'
    const { control } = parts
    this.partitions = new ServedRegistry({
      brokerId: config.brokerId,
      deadlines: this.deadlines,
      leaderPromise: 'durable',
      isSessionAlive: () => systemClock.monotonicMs() < control.sessionUntilMs(),
      attach: attachPartition,
      watch: subscribeMoved,
      unwatch: unsubscribeMoved,
    })
    this.partitions.apply(control.image().toDelta())
    this.stops.push(control.onDelta((delta) => this.partitions.apply(delta)))
    this.stops.push(onMoved((handles) => this.partitions.onMoved(handles)))
  }

  /** Rejects with code TOPIC_EXISTS when there is one of that name. */
  async createTopic(name: string, options: TopicOptions = {}): Promise<void> {
    unwrap(await this.parts.control.createTopic({ name, ...options }))
  }

  async deleteTopic(name: string): Promise<void> {
    unwrap(await this.parts.control.deleteTopic(name))
  }

  hasTopic(name: string): boolean {
    return this.parts.control.image().topic(name) !== undefined
  }

  /** Appends the records as one batch; in the log when it returns, and in order of the calls. */
  append(
    topic: string,
    partition: number,
    records: readonly EmbeddedRecord[],
    options: AppendOptions = {},
  ): AppendReceipt {
    const batch = buildBatch(this.builder, records, systemClock.wallMs())
    return this.appendBatch(topic, partition, batch, options)
  }

  /** Appends record batches (magic 2) that were built elsewhere; their bytes are copied. */
  appendBatch(
    topic: string,
    partition: number,
    batch: Uint8Array | readonly Uint8Array[],
    options: AppendOptions = {},
  ): AppendReceipt {
    const served = this.partition(topic, partition)
    const durability = this.durabilityOf(options)
    const appended = served.append(batch)
    if (!appended.ok) throw new EmbeddedBrokerError(appended.failure)
    const { baseOffset, lastOffset } = appended
    const wait = (done: (acknowledgement: Acknowledgement) => void) => {
      const tell = (outcome: WaitEnd) => done({ outcome, baseOffset, lastOffset, durability })
      if (durability === 'appended') this.budget.whenKept(() => tell('reached'))
      else {
        const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
        served.whenAcknowledged(lastOffset + 1, 'leader', timeoutMs, tell)
      }
    }
    if (options.onAcknowledged !== undefined) wait(options.onAcknowledged)
    return new AppendReceipt(baseOffset, lastOffset, wait)
  }

  /** What consumers may see at `offset` and behind it; empty at the end. Keys and values are views. */
  async read(topic: string, partition: number, options: ReadOptions): Promise<ReadRecords> {
    const result = await readFrom(this.partition(topic, partition).log, options)
    if (result.status === 'failed') throw new EmbeddedBrokerError(result.failure)
    const records = recordsFrom(result.chunks, options.offset)
    const last = records[records.length - 1]
    const nextOffset = last === undefined ? options.offset : last.offset + 1
    return { records, nextOffset, state: result.state }
  }

  /** Resolves when there is something to read at `offset`. */
  untilReadable(topic: string, partition: number, offset: number): Promise<void> {
    const served = this.partition(topic, partition)
    return new Promise((resolve) => {
      served.whenReadable(offset, 'uncommitted', resolve)
    })
  }

  /** Stops cleanly: everything appended is on the disk when it resolves. Idempotent. */
  async close(): Promise<void> {
    for (const stop of this.stops.splice(0)) stop()
    this.partitions.close()
    this.deadlines.close()
    await this.parts.stop()
    this.budget.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private partition(topic: string, index: number): Partition {
    const partition = this.partitions.find(topic, index)
    if (partition !== undefined) return partition
    const elsewhere = this.parts.control.image().topic(topic)?.partitions[index]
    throw new EmbeddedBrokerError(
      elsewhere === undefined || elsewhere.leaderId === this.config.brokerId
        ? {
            code: 'UNKNOWN_TOPIC_OR_PARTITION',
            message: `there is no partition ${index} of a topic ${topic} here`,
          }
        : {
            code: 'NOT_LEADER',
            message: `broker ${elsewhere.leaderId} leads ${topic}-${index}: records get there through a client (connect), not from within this process`,
          },
    )
  }

  private durabilityOf({ durability = this.promised }: AppendOptions): Durability {
    if (durability === 'durable' && this.config.flush === 'os') {
      throw new EmbeddedBrokerError({
        code: 'INVALID_CONFIG',
        message:
          'flush=os never says when records are on the disk: start the broker with flush=group',
      })
    }
    return durability
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new EmbeddedBrokerError(outcome.failure)
}
