// The real Apache Kafka, from its own jars: one combined broker and controller, and its tools.
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from './broker.js'
import { type Finished, kill, outputLine, runOrFail, runToEnd, start } from './processes.js'
import { projectRoot } from './project.js'

const VERSION = '4.3.1'
const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qg'
const jars = join(projectRoot, 'test/.cache', `kafka-${VERSION}`)
const JVM = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true']
/** What Kafka's own start script gives a server. */
export const SERVER_JVM = [
  '-server',
  '-Xms1g',
  '-Xmx1g',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
]

const TOOLS = {
  storage: 'kafka.tools.StorageTool',
  'dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  topics: 'org.apache.kafka.tools.TopicCommand',
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  cluster: 'org.apache.kafka.tools.ClusterTool',
  'leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
} as const
export type KafkaTool = keyof typeof TOOLS

/** The jars, fetched once with Maven and kept under test/.cache. */
export async function kafkaJars(): Promise<string> {
  if (existsSync(join(jars, 'complete'))) return jars
  mkdirSync(jars, { recursive: true })
  const pom = join(projectRoot, 'test/support/kafka/pom.xml')
  await runOrFail('mvn', [
    '-q',
    '-B',
    '-f',
    pom,
    `-Dkafka.version=${VERSION}`,
    'dependency:copy-dependencies',
    `-DoutputDirectory=${jars}`,
    '-DincludeScope=runtime',
  ])
  if (readdirSync(jars).length < 50) throw new Error('Maven fetched too few jars')
  writeFileSync(join(jars, 'complete'), '')
  return jars
}

async function javaArguments(
  mainClass: string,
  level: string,
  jvm: readonly string[] = JVM,
): Promise<string[]> {
  const classPath = join(await kafkaJars(), '*')
  return [...jvm, `-Dlog4j2.configurationFile=${logging(level)}`, '-cp', classPath, mainClass]
}

function logging(level: string): string {
  const path = join(temporaryDirectory(), 'log4j2.properties')
  writeFileSync(
    path,
    [
      `rootLogger.level=${level}`,
      'rootLogger.appenderRef.console.ref=Console',
      'appender.console.name=Console',
      'appender.console.type=Console',
      'appender.console.target=SYSTEM_ERR',
      'appender.console.layout.type=PatternLayout',
      'appender.console.layout.pattern=%p %m%n',
    ].join('\n'),
  )
  return path
}

/** Runs one of Kafka's command-line tools to its end, whatever its exit code. */
export async function runKafkaTool(
  tool: KafkaTool,
  args: readonly string[],
  input?: Uint8Array | string,
): Promise<Finished> {
  const all = [...(await javaArguments(TOOLS[tool], 'WARN')), ...args]
  return runToEnd('java', all, input === undefined ? {} : { input })
}

export interface KafkaServer {
  readonly address: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

export async function startKafka(
  settings: Readonly<Record<string, string>> = {},
  jvm: readonly string[] = JVM,
): Promise<KafkaServer> {
  const directory = temporaryDirectory()
  const [port, controllerPort] = [await freePort(), await freePort()]
  const properties = join(directory, 'server.properties')
  const all = { ...defaults(directory, port, controllerPort), ...settings }
  writeFileSync(
    properties,
    Object.entries(all)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  )
  await formatKafka(properties)
  const child = await launchKafka(properties, jvm)
  return { address: `127.0.0.1:${port}`, port, pid: child.pid ?? -1, stop: () => stop(child) }
}

/** Makes the data directories that a file of properties names. */
export async function formatKafka(properties: string): Promise<void> {
  const tool = await javaArguments(TOOLS.storage, 'ERROR')
  await runOrFail('java', [...tool, 'format', '-t', CLUSTER_ID, '-c', properties])
}

/** Resolves when it serves. */
export async function launchKafka(
  properties: string,
  jvm: readonly string[],
): Promise<ChildProcess> {
  const child = start('java', [...(await javaArguments('kafka.Kafka', 'INFO', jvm)), properties], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await outputLine(child, /Kafka Server started/, 'stderr')
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  await kill(child, 'SIGKILL') // its data is thrown away: a clean stop would only cost seconds
}

function defaults(directory: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(directory, 'data'),
    'num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
}
