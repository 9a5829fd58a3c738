// One broker under comparison: a connection to it, and the transcript of what it answered. A case asks
// two probes the same; what differs is in the transcripts.
import { KafkaWire } from '../../src/cli/kafka-wire.js'
import { codecFor } from '../../src/protocol/codec.js'
import {
  decodeCorrelationId,
  encodeRequestFrame,
  skipResponseHeader,
} from '../../src/protocol/headers.js'
import { createTopics } from '../../src/protocol/messages/create-topics.js'
import { listOffsets } from '../../src/protocol/messages/list-offsets.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { FrameReader } from '../../src/protocol/reader.js'
import type { Api, Draft, Fields, Infer } from '../../src/protocol/schema.js'
import { masked } from './normalise.js'

export interface Step {
  readonly what: string
  readonly answer: unknown
}

export interface OracleCase {
  readonly name: string
  run(broker: Probe): Promise<void>
}

export interface TopicOptions {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** What stands in a transcript when the broker closed the connection instead of answering. */
export const CLOSED = 'the connection was closed'

const TIMEOUT_MS = 30_000
const CORRELATION_ID = 7
/** A broker that does not serve what it said that it made is not waited for without end. */
const MOST_ROUNDS = 20_000

/** A request's bytes with its length before it, for a case to damage. */
export function frameOf<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  draft: Draft<Q>,
): Buffer {
  const header = { correlationId: CORRELATION_ID, clientId: 'oracle' }
  return Buffer.concat(encodeRequestFrame(codecFor(api, version), header, draft).chunks)
}

export class Probe {
  readonly transcript: Step[] = []
  private wire: KafkaWire | undefined

  constructor(private readonly address: string) {}

  /** Asks and writes the answer down; undefined when the connection was closed. */
  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    draft: Draft<Q>,
    note = '',
  ): Promise<Infer<S> | undefined> {
    const answer = await this.askQuietly(api, version, draft)
    const what = `${api.name} v${version}${note && ` ${note}`}`
    this.transcript.push({ what, answer: answer === undefined ? CLOSED : masked(answer) })
    return answer
  }

  /** The same without a line in the transcript. */
  async askQuietly<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    draft: Draft<Q>,
  ): Promise<Infer<S> | undefined> {
    const frame = await this.exchange(frameOf(api, version, draft))
    return frame === undefined ? undefined : decoded(api, version, frame)
  }

  /** Sends bytes as they are; the answer, if any, is read as `api` in `version`. */
  async askBytes<Q extends Fields, S extends Fields>(
    note: string,
    bytes: Uint8Array,
    [api, version]: readonly [Api<Q, S>, number],
  ): Promise<void> {
    const frame = await this.exchange(bytes)
    const answer = frame === undefined ? CLOSED : masked(decoded(api, version, frame))
    this.transcript.push({ what: note, answer })
  }

  /** Sends a request that has no answer. */
  async tell(bytes: Uint8Array): Promise<void> {
    const wire = await this.connected()
    wire.write([bytes])
  }

  note(what: string, answer: unknown): void {
    this.transcript.push({ what, answer })
  }

  /** Makes a topic, and resolves with its id when all of its partitions serve. */
  async createTopic(name: string, options: TopicOptions = {}): Promise<string> {
    const { partitions = 1, configs = {} } = options
    const created = await this.askQuietly(createTopics, 7, {
      topics: [
        {
          name,
          numPartitions: partitions,
          replicationFactor: 1,
          assignments: [],
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: TIMEOUT_MS,
    })
    const topic = created?.topics[0]
    if (topic?.errorCode !== 0) {
      throw new Error(`${name} was not created: ${topic?.errorCode} ${topic?.errorMessage}`)
    }
    await this.serves(name, partitions)
    return topic.topicId
  }

  /** Resolves when all partitions of a topic have a leader that answers. */
  async serves(name: string, partitions = 1): Promise<void> {
    const asked = Array.from({ length: partitions }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: -1,
    }))
    await this.until(`${name} serves`, async () => {
      const known = await this.describeTopic(name)
      if (known?.errorCode !== 0 || known.partitions.length < partitions) return false
      const draft = { replicaId: -1, topics: [{ name, partitions: asked }] }
      const ends = await this.askQuietly(listOffsets, 7, draft)
      return ends?.topics[0]?.partitions.every(({ errorCode }) => errorCode === 0) ?? false
    })
  }

  /** Resolves when a deleted topic is known no more. */
  async isGone(name: string): Promise<void> {
    await this.until(
      `${name} is gone`,
      async () => (await this.describeTopic(name))?.errorCode === 3,
    )
  }

  /** Asks again and again, without a pause: the answer is as good as an event. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) if (await holds()) return
    throw new Error(`${this.address}: it never came true that ${what}`)
  }

  close(): void {
    this.wire?.close()
    this.wire = undefined
  }

  private async describeTopic(name: string) {
    const draft = { topics: [{ name }], allowAutoTopicCreation: false }
    return (await this.askQuietly(metadata, 12, draft))?.topics[0]
  }

  /** undefined: the broker closed the connection; the next request opens another. */
  async exchange(bytes: Uint8Array): Promise<Buffer | undefined> {
    const wire = await this.connected()
    try {
      return await wire.exchange([bytes], CORRELATION_ID)
    } catch {
      this.close()
      return undefined
    }
  }

  private async connected(): Promise<KafkaWire> {
    this.wire ??= await KafkaWire.open(this.address)
    return this.wire
  }
}

function decoded<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  frame: Buffer,
): Infer<S> {
  const reader = new FrameReader([frame])
  const correlationId = decodeCorrelationId(reader)
  if (correlationId !== CORRELATION_ID) throw new Error(`an answer to request ${correlationId}`)
  skipResponseHeader(reader, api, version)
  const answer = codecFor(api, version).decodeResponse(reader)
  if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes behind ${api.name}'s answer`)
  return answer
}
