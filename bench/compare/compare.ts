// npm run bench -- compare: Millrace beside the real Kafka and a null sink, on this machine, in one run.
import { type Options, parseOptions } from './options.js'
import type { Row } from './report.js'
import { keep } from './results.js'
import { acknowledge } from './scenarios/acknowledge.js'
import { clusterLatency, clusterProduce, clusterQuiet } from './scenarios/cluster-load.js'
import { clusterOutage } from './scenarios/cluster-outage.js'
import { embedded } from './scenarios/embedded.js'
import { eventLoops } from './scenarios/event-loops.js'
import { groupCommit } from './scenarios/group-commit.js'
import { latency } from './scenarios/latency.js'
import { manyPartitions } from './scenarios/many-partitions.js'
import { startup } from './scenarios/startup.js'
import { consume, produce } from './scenarios/throughput.js'
import { websocket } from './scenarios/websocket.js'

const scenarios: Record<string, (options: Options) => Promise<Row[]>> = {
  startup,
  produce: (options) => produce(options, 'os'),
  'produce-group': (options) => produce(options, 'group'),
  consume: (options) => consume(options, 'os'),
  'consume-group': (options) => consume(options, 'group'),
  'latency-1k': (options) => latency(options, 1000),
  'latency-10k': (options) => latency(options, 10_000),
  acknowledge,
  'group-commit': groupCommit,
  websocket,
  'many-partitions': manyPartitions,
  'event-loops': eventLoops,
  embedded,
  'cluster-produce': clusterProduce,
  'cluster-quiet': clusterQuiet,
  'cluster-latency': clusterLatency,
  'cluster-outage': clusterOutage,
}

export async function compare(args: readonly string[]): Promise<void> {
  const { options, chosen } = parseOptions(args, Object.keys(scenarios))
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    process.stderr.write(`${name}\n`)
    const table = keep(name, await scenario(options), options)
    process.stdout.write(`${table}\n`)
  }
}

await compare(process.argv.slice(2))
