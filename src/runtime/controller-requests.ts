// Requests that the controller decides, wherever it is: here by a call, elsewhere by Kafka's own requests
// passed on to it.
import { systemClock } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ControlNode } from '../controller/control-node.js'
import type { ClientContext, TopicCreation } from '../handlers/context.js'
import type { ControlServices } from '../handlers/control-services.js'
import { controllerApis } from '../handlers/control-table.js'
import { type Dispatcher, neverCloses } from '../handlers/dispatcher.js'
import { errorOf } from '../handlers/error-mapping.js'
import type { TopicImage } from '../metadata/image.js'
import { codecFor } from '../protocol/codec.js'
import type { Codec } from '../protocol/codec-types.js'
import { decodeCorrelationId, encodeRequestFrame, skipResponseHeader } from '../protocol/headers.js'
import { createTopics } from '../protocol/messages/create-topics.js'
import { deleteTopics } from '../protocol/messages/delete-topics.js'
import { FrameReader } from '../protocol/reader.js'
import type { Draft, Fields, Infer } from '../protocol/schema.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import type { ControllerLink } from './controller-link.js'

export interface ControllerRequestsOptions {
  readonly node: ControlNode
  readonly dispatcher: Dispatcher<ControlServices>
  readonly link: ControllerLink
}

const USE_DEFAULT = -1
const TIMEOUT_MS = 30_000
const PREFIX_BYTES = 4
const CREATE_TOPICS_VERSION = 7
const DELETE_TOPICS_VERSION = 6
/** How long this broker may take to hear of what the controller has answered. */
const HEARD_WITHIN_MS = 10_000

export class ControllerRequests {
  constructor(private readonly options: ControllerRequestsOptions) {}

  async forward(frame: Uint8Array, client: ClientContext): Promise<readonly Uint8Array[]> {
    const { node, dispatcher, link } = this.options
    const apiKey = new DataView(frame.buffer, frame.byteOffset).getInt16(0)
    if (!node.isController && controllerApis.has(apiKey)) {
      // The frame goes with its buffer; a copy stays for the case that nobody takes it.
      const forwarded = await link.forward(frame.slice(), client)
      if (forwarded.ok) return forwarded.value
    }
    return (await dispatcher.dispatch([frame], { client, closed: neverCloses })) ?? []
  }

  async autoCreateTopics(
    names: readonly string[],
  ): Promise<ReadonlyMap<string, Outcome<TopicImage>>> {
    const { node } = this.options
    if (node.isController) return node.autoCreateTopics(names)
    const created = await Promise.all(
      names.map(async (name) => [name, await this.createElsewhere({ name })] as const),
    )
    return new Map(created)
  }

  async createTopic(request: TopicCreation): Promise<Outcome<TopicImage>> {
    const { node } = this.options
    if (!node.isController) return this.createElsewhere(request)
    const [created] = await node.createTopics([{ ...draftOf(request), assignments: [] }], {
      validateOnly: false,
    })
    if (created !== undefined && !created.outcome.ok) return created.outcome
    const image = node.image().topic(request.name)
    return image === undefined
      ? fail('UNKNOWN_TOPIC_OR_PARTITION', `${request.name} is gone again`)
      : succeed(image)
  }

  async deleteTopic(name: string): Promise<Outcome<true>> {
    const { node } = this.options
    if (node.isController) {
      const [outcome] = await node.deleteTopics([{ name }])
      return outcome === undefined || outcome.ok ? succeed(true) : outcome
    }
    const answer = await this.ask(codecFor(deleteTopics, DELETE_TOPICS_VERSION), {
      topics: [{ name, topicId: ZERO_UUID }],
      topicNames: [],
      timeoutMs: TIMEOUT_MS,
    })
    if (!answer.ok) return answer
    const [result] = answer.value.responses
    return result === undefined || result.errorCode === 0
      ? succeed(true)
      : errorOf(result.errorCode, result.errorMessage ?? `${name} was not deleted`)
  }

  // Somebody else may have been faster; what counts is that this broker hears of the topic.
  private async createElsewhere(request: TopicCreation): Promise<Outcome<TopicImage>> {
    const { partitionCount, replicationFactor, configs } = draftOf(request)
    const answer = await this.ask(codecFor(createTopics, CREATE_TOPICS_VERSION), {
      topics: [
        {
          name: request.name,
          numPartitions: partitionCount,
          replicationFactor,
          assignments: [],
          configs,
        },
      ],
      timeoutMs: TIMEOUT_MS,
      validateOnly: false,
    })
    if (!answer.ok) return answer
    const [result] = answer.value.topics
    if (result !== undefined && result.errorCode !== 0) {
      const known = this.options.node.image().topic(request.name)
      if (known !== undefined) return succeed(known)
      return errorOf(result.errorCode, result.errorMessage ?? `${request.name} was not created`)
    }
    return this.heardOf(request.name)
  }

  private async heardOf(name: string): Promise<Outcome<TopicImage>> {
    const { node } = this.options
    const image = await topicWithin(node, name)
    return image === undefined
      ? fail('TIMED_OUT', `the controller has created ${name}, and this broker has not heard of it`)
      : succeed(image)
  }

  private async ask<Q extends Fields, S extends Fields>(
    codec: Codec<Q, S>,
    draft: Draft<Q>,
  ): Promise<Outcome<Infer<S>>> {
    const header = { correlationId: 1, clientId: 'millrace' }
    const { chunks } = encodeRequestFrame(codec, header, draft)
    const frame = Buffer.concat(chunks).subarray(PREFIX_BYTES)
    const answer = await this.options.link.forward(frame, ownContext)
    if (!answer.ok) return answer
    const reader = new FrameReader([Buffer.concat(answer.value).subarray(PREFIX_BYTES)])
    decodeCorrelationId(reader)
    skipResponseHeader(reader, codec.api, codec.version)
    return succeed(codec.decodeResponse(reader))
  }
}

function draftOf({ name, partitions, configs = {} }: TopicCreation) {
  return {
    name,
    partitionCount: partitions ?? USE_DEFAULT,
    replicationFactor: USE_DEFAULT,
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  }
}

const ownContext: ClientContext = {
  connectionId: 'control',
  listener: {
    name: 'INTER_BROKER',
    protocol: 'kafka',
    bind: { host: '', port: 0 },
    advertised: undefined,
    role: 'inter-broker',
  },
  remoteAddress: '',
  transport: 'embedded',
  softwareName: '',
  softwareVersion: '',
}

/** undefined: this broker has not heard of it in time. */
function topicWithin(node: ControlNode, name: string): Promise<TopicImage | undefined> {
  return new Promise((done) => {
    const finish = (topic: TopicImage | undefined) => {
      stop()
      timer.cancel()
      done(topic)
    }
    const look = () => {
      const topic = node.image().topic(name)
      if (topic !== undefined) finish(topic)
    }
    const stop = node.onDelta(look)
    const timer = systemClock.after(HEARD_WITHIN_MS, () => finish(undefined))
    look()
  })
}
