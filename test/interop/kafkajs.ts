// KafkaJS as its documentation sets it up: the codec packages it names, and its socketFactory.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import kafkajs, { type ISocketFactory, type Kafka } from 'kafkajs'
import { createWebSocketStream, WebSocket } from 'ws'
import { projectRoot } from '../support/project.js'

const require = createRequire(import.meta.url)
const { CompressionCodecs, CompressionTypes } = kafkajs

export const codecsOfKafkaJs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const

/** `brokers`: addresses with commas between. */
export function kafkaJs(brokers: string, socketFactory?: ISocketFactory): Kafka {
  return new kafkajs.Kafka({
    clientId: 'interop',
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.ERROR,
    ...(socketFactory ? { socketFactory } : {}),
  })
}

export function installCodecs(): void {
  buildNativeCodecs()
  const Lz4 = require('kafkajs-lz4') as new () => { codec: () => unknown }
  const zstd = require('@kafkajs/zstd') as () => () => unknown
  CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
  CompressionCodecs[CompressionTypes.LZ4] = new Lz4().codec
  CompressionCodecs[CompressionTypes.ZSTD] = zstd()
}

// Two of the packages are native and older than this Node: their own build files ask for C++11, and the
// binary that one of them ships is for another system.
function buildNativeCodecs(): void {
  if (loads('lz4') && loads('cppzst')) return
  execFileSync('npm', ['rebuild', '--ignore-scripts=false', 'lz4', 'cppzst'], {
    cwd: projectRoot,
    stdio: 'pipe',
    env: { ...process.env, CXXFLAGS: '-std=gnu++17' },
  })
}

// In a process of its own: a failed load leaves half of the package in the cache of modules.
function loads(name: string): boolean {
  try {
    execFileSync(process.execPath, ['-e', `require('${name}')`], {
      cwd: projectRoot,
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}

/** Kafka's frames over a WebSocket: whatever broker KafkaJS wants is behind `url`. */
export function overWebSocket(url: string): ISocketFactory {
  return ({ onConnect }) => {
    const socket = new WebSocket(`${url}/kafka`, 'kafka')
    socket.once('open', onConnect)
    const stream = createWebSocketStream(socket) as Duplex & { unref?: () => void }
    stream.unref = () => {}
    return stream as ReturnType<ISocketFactory>
  }
}

export interface FetchedMessage {
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | null>>
}

interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findBroker(of: { nodeId: number }): Promise<{ fetch(request: object): Promise<FetchResponse> }>
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
}
interface FetchResponse {
  readonly responses: { partitions: { messages: FetchedMessage[] }[] }[]
}

/** Partition 0 as KafkaJS fetches and decodes it. Its consumer would join a group first, so this goes beneath it. */
export async function fetchWithKafkaJs(broker: string, topic: string): Promise<FetchedMessage[]> {
  const kafka = kafkaJs(broker)
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  const createCluster: (options: object) => Cluster = Reflect.get(kafka, key ?? '')
  const cluster = createCluster({ isolationLevel: 0 })
  await cluster.connect()
  await cluster.addTargetTopic(topic)
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0]))
  const leader = await cluster.findBroker({ nodeId: Number(nodeId) })
  const partitions = [{ partition: 0, fetchOffset: '0', maxBytes: 1_000_000 }]
  const { responses } = await leader.fetch({
    isolationLevel: 0,
    topics: [{ topic, partitions }],
  })
  await cluster.disconnect()
  return responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages))
}
