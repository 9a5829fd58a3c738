// open with kind "producer": finds or creates the topic, checks or issues the identity, and reads
// what is stored of it.
import { fail, type Outcome, succeed } from '../../../base/errors.js'
import type { TopicImage } from '../../../metadata/image.js'
import { sessionFailure } from '../../../protocol/millrace/error-codes.js'
import type { Identity, OpenProducerMessage } from '../../../protocol/millrace/messages.js'
import { sequenceDistance } from '../../../protocol/millrace/sequence.js'
import { type ChannelFailure, type ChannelHost, channelFailure } from '../channel.js'
import { isGenuine, issueIdentity } from '../identity.js'
import type { MillraceServices, WriteBudget } from '../services.js'
import { lastSequenceOf } from './partition-writer.js'
import { ProducerChannel } from './producer-channel.js'

export type ProducerOpening =
  | { readonly ok: true; readonly channel: ProducerChannel; readonly announce: () => void }
  | { readonly ok: false; readonly failure: ChannelFailure }

export async function openProducer(
  message: OpenProducerMessage,
  host: ChannelHost,
  abandoned: AbortSignal,
): Promise<ProducerOpening> {
  const { services } = host
  if (message.identity !== undefined && !isGenuine(services.identityKey, message.identity)) {
    return { ok: false, failure: identityExpired('this broker does not know the identity') }
  }
  // A new channel comes with all its credit: not while those that are open wait for theirs.
  await untilKept(services.writeBudget, abandoned)
  if (abandoned.aborted) {
    return { ok: false, failure: sessionFailure('unknown-channel', 'the channel is gone') }
  }
  const topic = await findOrCreate(message.topic, services)
  if (!topic.ok) return { ok: false, failure: channelFailure(topic.failure) }
  const identity = await takeIdentity(message, services)
  if (!identity.ok) return { ok: false, failure: channelFailure(identity.failure) }
  const { producerId } = identity.value
  const isResumed = message.identity !== undefined
  const read = isResumed ? await readSequences(topic.value, producerId, services) : nothingStored
  if (!read.ok) return { ok: false, failure: channelFailure(read.failure) }
  const lastSequences = read.value
  const forgotten = findForgotten(message, lastSequences)
  if (forgotten !== undefined) {
    const problem = `the sequences of partition ${forgotten} are no longer known`
    return { ok: false, failure: identityExpired(problem) }
  }
  const channel = new ProducerChannel(host, {
    id: message.channel,
    topic: message.topic,
    topicId: topic.value.id,
    durability: message.durability,
    identity: identity.value,
    lastSequences,
  })
  const opened = { message, topic: topic.value, identity: identity.value, lastSequences }
  return { ok: true, channel, announce: () => announce(channel, opened, host) }
}

function untilKept(budget: WriteBudget, abandoned: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stopWaiting = budget.whenKept(resolve)
    const leave = () => {
      stopWaiting()
      resolve()
    }
    abandoned.addEventListener('abort', leave, { once: true })
  })
}

interface Opened {
  readonly message: OpenProducerMessage
  readonly topic: TopicImage
  readonly identity: Identity
  readonly lastSequences: ReadonlyMap<number, number>
}

function announce(channel: ProducerChannel, opened: Opened, host: ChannelHost): void {
  const { message, topic, identity, lastSequences } = opened
  host.outbox.send({
    type: 'opened',
    channel: message.channel,
    kind: 'producer',
    topic: topic.name,
    topicId: topic.id,
    partitions: topic.partitions.length,
    identity,
    lastSequences: Object.fromEntries(lastSequences),
    credit: channel.grantedCredit,
  })
  for (const [index, sequence] of lastSequences) {
    const partition = host.services.partitions.find(topic.name, index)
    const remote = host.services.remote.find(topic.name, index)
    if (partition !== undefined) channel.acknowledgeStored(partition, sequence)
    else if (remote !== undefined) channel.acknowledgeRemote(remote, sequence)
  }
}

async function findOrCreate(
  name: string,
  services: MillraceServices,
): Promise<Outcome<TopicImage>> {
  const known = services.metadata().topic(name)
  if (known?.isInternal) return fail('INVALID_TOPIC', `${name} is internal`)
  if (known !== undefined) return succeed(known)
  if (!services.config.autoCreateTopics) {
    return fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`)
  }
  const created = await services.control.autoCreateTopics([name])
  return created.get(name) ?? fail('UNEXPECTED', `no answer about topic ${name}`)
}

async function takeIdentity(
  message: OpenProducerMessage,
  services: MillraceServices,
): Promise<Outcome<Identity>> {
  if (message.identity !== undefined) return succeed(message.identity)
  const allocated = await services.control.allocateProducerId()
  return allocated.ok ? succeed(issueIdentity(services.identityKey, allocated.value, 0)) : allocated
}

const nothingStored = succeed<ReadonlyMap<number, number>>(new Map())

// Of a partition that cannot be asked nobody knows what is stored: the client asks again.
async function readSequences(
  topic: TopicImage,
  producerId: number,
  services: MillraceServices,
): Promise<Outcome<ReadonlyMap<number, number>>> {
  const sequences = new Map<number, number>()
  const asked = topic.partitions.map(async ({ index }) => {
    const partition = services.partitions.find(topic.name, index)
    const last =
      partition === undefined
        ? await remoteSequence(topic, index, { producerId, services })
        : succeed(lastSequenceOf(partition, producerId))
    if (last.ok && last.value !== undefined) sequences.set(index, last.value)
    return last
  })
  const failed = (await Promise.all(asked)).find((last) => !last.ok)
  return failed?.ok === false ? failed : succeed(sequences)
}

async function remoteSequence(
  topic: TopicImage,
  index: number,
  { producerId, services }: { readonly producerId: number; readonly services: MillraceServices },
): Promise<Outcome<number | undefined>> {
  const remote = services.remote.find(topic.name, index)
  if (remote !== undefined) return remote.lastSequence(producerId)
  return fail('NOT_LEADER', `nobody who can be reached leads ${topic.name}-${index}`)
}

/** A partition of which the client was promised more than the log remembers. */
function findForgotten(
  message: OpenProducerMessage,
  lastSequences: ReadonlyMap<number, number>,
): string | undefined {
  const promised = Object.entries(message.acknowledged ?? {})
  return promised.find(([partition, sequence]) => {
    const last = lastSequences.get(Number(partition))
    return last === undefined || sequenceDistance(last, sequence) < 0
  })?.[0]
}

function identityExpired(problem: string): ChannelFailure {
  return sessionFailure('identity-expired', problem)
}
