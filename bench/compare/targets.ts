// What is measured side by side: Millrace, the real Kafka, and floors in C, all on loopback.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import type { WriteMode } from '../../src/log/types.js'
import { startBroker, temporaryDirectory } from '../../test/support/broker.js'
import { freePort, SERVER_JVM, startKafka } from '../../test/support/kafka-server.js'
import { kill, outputLine, start } from '../../test/support/processes.js'
import { projectRoot } from '../../test/support/project.js'

export interface Target {
  readonly name: string
  /** 'none' keeps nothing. */
  readonly flush: 'group' | 'interval' | 'os' | 'none'
  readonly address: string
  readonly pid: number
  /** Of a cluster: all its brokers', as they are now. */
  pids?(): readonly number[]
  /** HTTP base of the metrics, Millrace only. */
  readonly http: string | undefined
  createTopic(name: string, partitions: number): Promise<void>
  deleteTopic(name: string): Promise<void>
  stop(): Promise<void>
}

const clients = join(projectRoot, 'bench/load/clients')
const built = join(projectRoot, 'build/bench')
const COMPILER_FLAGS = ['-O2', '-Wall', '-Wextra', '-Werror']

/** Compiles a client in C; returns the binary. */
export function compiled(name: string, libraries: readonly string[] = []): string {
  mkdirSync(built, { recursive: true })
  const binary = join(built, name)
  const source = join(clients, `${name}.c`)
  const linked = ['-lpthread', ...libraries.map((library) => `-l${library}`)]
  execFileSync('cc', [...COMPILER_FLAGS, '-o', binary, source, ...linked])
  return binary
}

export async function millraceTarget(
  flush: 'group' | 'interval' | 'os',
  writeMode: WriteMode = 'mmap',
  environment: Readonly<Record<string, string>> = {},
): Promise<Target> {
  const broker = await startBroker({
    environment,
    flags: ['--flush', flush, '--log-write-mode', writeMode, '--log-level', 'warn'],
  })
  return {
    name: `Millrace flush=${flush}`,
    flush,
    address: broker.kafka,
    pid: broker.pid,
    http: broker.websocket.replace('ws:', 'http:'),
    ...topics(broker.kafka),
    stop: async () => {
      await broker.stop()
    },
  }
}

export async function kafkaTarget(fsync: boolean): Promise<Target> {
  const settings = fsync ? { 'log.flush.interval.messages': '1' } : {}
  const kafka = await startKafka(
    { 'num.network.threads': '3', 'num.io.threads': '8', ...settings },
    SERVER_JVM,
  )
  return {
    flush: fsync ? 'group' : 'os',
    name: fsync ? 'Kafka 4.3.1, fsync' : 'Kafka 4.3.1',
    address: kafka.address,
    pid: kafka.pid,
    http: undefined,
    ...topics(kafka.address),
    stop: () => kafka.stop(),
  }
}

/** Drops what is produced, and acknowledges it. */
export function nullSinkTarget(partitions: number): Promise<Target> {
  return floorTarget('null_sink', partitions)
}

/** Hands what is produced to who consumes, from memory. */
export function nullRelayTarget(partitions: number): Promise<Target> {
  return floorTarget('null_relay', partitions)
}

/** Stores what is produced, and no more. */
export async function storingSinkTarget(
  partitions: number,
  flush: 'os' | 'group',
): Promise<Target> {
  const target = await floorTarget('storing_sink', partitions, [temporaryDirectory(), flush])
  return { ...target, name: `${target.name} flush=${flush}`, flush }
}

async function floorTarget(
  program: 'null_sink' | 'storing_sink' | 'null_relay',
  partitions: number,
  more: readonly string[] = [],
): Promise<Target> {
  const port = await freePort()
  const child = start(compiled(program), [`${port}`, `${partitions}`, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await outputLine(child, /ready/)
  return {
    name: program.replace('_', ' '),
    flush: 'none',
    address: `127.0.0.1:${port}`,
    pid: child.pid ?? -1,
    http: undefined,
    createTopic: async () => {},
    deleteTopic: async () => {},
    stop: () => kill(child, 'SIGKILL'),
  }
}

// KafkaJS takes the end of a connection that it closed for the end of the next one: a client for each call.
function topics(address: string): Pick<Target, 'createTopic' | 'deleteTopic'> {
  const withAdmin = async (work: (admin: Admin) => Promise<unknown>) => {
    const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    await work(admin)
    await admin.disconnect()
  }
  return {
    createTopic: (topic, numPartitions) =>
      withAdmin((admin) =>
        admin.createTopics({
          topics: [{ topic, numPartitions }],
          waitForLeaders: true,
          timeout: 30_000,
        }),
      ),
    deleteTopic: (topic) => withAdmin((admin) => admin.deleteTopics({ topics: [topic] })),
  }
}

/** User and system time of a process so far, its threads included. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
