// open with kind "reader": finds the topic and where each partition begins.
import { type Failure, fail } from '../../../base/errors.js'
import type { TopicImage } from '../../../metadata/image.js'
import { Cursor } from '../../../protocol/millrace/cursor.js'
import { MAX_PARTITIONS } from '../../../protocol/millrace/limits.js'
import type {
  Isolation,
  OpenReaderMessage,
  PositionState,
} from '../../../protocol/millrace/messages.js'
import type { RemoteFeed } from '../../../relay/remote-feed.js'
import { type ChannelFailure, type ChannelHost, channelFailure } from '../channel.js'
import type { MillraceServices } from '../services.js'
import { BinaryDelivery } from './binary-delivery.js'
import { JsonDelivery } from './json-delivery.js'
import { LocalSource, type ReadSource, RemoteSource } from './read-source.js'
import { ReaderChannel } from './reader-channel.js'
import { findStart, readStartRequest } from './start-position.js'

export type ReaderOpening =
  | { readonly ok: true; readonly channel: ReaderChannel; readonly announce: () => void }
  | { readonly ok: false; readonly failure: ChannelFailure }

export async function openReader(
  message: OpenReaderMessage,
  host: ChannelHost,
): Promise<ReaderOpening> {
  const { services } = host
  const topic = services.metadata().topic(message.topic)
  if (topic === undefined) {
    return refuse(fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${message.topic}`).failure)
  }
  const request = readStartRequest(message.from)
  if (!request.ok) return refuse(request.failure)
  const sources: ReadSource[] = []
  const find = sourcesOf(topic, message.isolation, services)
  for (const index of message.partitions ?? topic.partitions.map((p) => p.index)) {
    const source = find(index)
    if (source === undefined) return refuse(missing(topic, index), index)
    sources.push(source)
  }
  if (sources.length > MAX_PARTITIONS) {
    const problem = `a reader takes ${MAX_PARTITIONS} partitions; name those to read`
    return refuse(fail('INVALID_REQUEST', problem).failure)
  }
  const positions: PositionState[] = []
  const starts = sources.map((source) => findStart(source, request.value, message.isolation))
  for (const [slot, start] of (await Promise.all(starts)).entries()) {
    if (!start.ok) return refuse(start.failure, sources[slot]?.index)
    positions.push(start.value)
  }
  const cursor = Cursor.create(
    topic.id,
    sources.map(({ index }) => index),
  )
  const channel = createChannel(message, topic, cursor, host)
  return {
    ok: true,
    channel,
    announce: () => begin({ channel, message, topic, sources, positions, cursor }, host),
  }
}

function createChannel(
  message: OpenReaderMessage,
  topic: TopicImage,
  cursor: Cursor,
  host: ChannelHost,
): ReaderChannel {
  const { channel: id, isolation, values, credit } = message
  const delivery =
    message.format === 'binary'
      ? new BinaryDelivery(id, isolation, cursor, host)
      : new JsonDelivery({
          channel: id,
          form: values,
          cursor,
          host,
          failed: (failure) => host.failChannel(id, failure),
        })
  const options = { id, topic: topic.name, topicId: topic.id, creditBytes: credit.bytes, cursor }
  const channel: ReaderChannel = new ReaderChannel(host, options, delivery)
  return channel
}

interface Opened {
  readonly channel: ReaderChannel
  readonly message: OpenReaderMessage
  readonly topic: TopicImage
  readonly sources: readonly ReadSource[]
  readonly positions: readonly PositionState[]
  readonly cursor: Cursor
}

function begin(opened: Opened, host: ChannelHost): void {
  const { channel, message, topic, sources, positions, cursor } = opened
  // What lies before the start is in this log, in its present term or an earlier one.
  positions.forEach(({ offset }, slot) => {
    cursor.move(slot, offset, sources[slot]?.leaderEpoch ?? -1)
  })
  host.outbox.send({
    type: 'opened',
    channel: message.channel,
    kind: 'reader',
    topic: topic.name,
    topicId: topic.id,
    cursor: cursor.toText(),
    positions,
  })
  sources.forEach((source, slot) => {
    const offset = positions[slot]?.offset ?? 0
    channel.add({ slot, source, offset, isolation: message.isolation })
  })
}

function missing(topic: TopicImage, index: number): Failure {
  return topic.partitions[index] === undefined
    ? fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${topic.name}-${index}`).failure
    : fail('NOT_LEADER', `nobody who can be reached leads ${topic.name}-${index}`).failure
}

/** Partitions of one other leader are read together. */
function sourcesOf(topic: TopicImage, isolation: Isolation, services: MillraceServices) {
  const feeds = new Map<number, RemoteFeed>()
  const { partitions, remote } = services
  return (index: number): ReadSource | undefined => {
    const partition = partitions.find(topic.name, index)
    if (partition !== undefined) {
      return new LocalSource(partition, () => partitions.find(topic.name, index))
    }
    const elsewhere = remote.find(topic.name, index)
    if (elsewhere === undefined) return undefined
    const { leaderId } = elsewhere.place
    const feed = feeds.get(leaderId) ?? remote.feed(leaderId, isolation)
    feeds.set(leaderId, feed)
    return new RemoteSource(elsewhere, feed)
  }
}

function refuse(failure: Failure, partition?: number): ReaderOpening {
  const place = partition === undefined ? {} : { partition }
  return { ok: false, failure: channelFailure(failure, place) }
}
