// How long nothing is acknowledged when the leader of a partition goes: the longest wait of any record that was due, as
// librdkafka sees it with its own timers, and as a client sees it that has none.
import { setTimeout as pause } from 'node:timers/promises'
import {
  type ClusterTarget,
  kafkaCluster,
  millraceCluster,
  SESSION_MS,
} from '../cluster-targets.js'
import { load, median } from '../load.js'
import type { Options } from '../options.js'
import { Prober } from '../prober.js'
import type { Row } from '../report.js'

const PER_SECOND = 100
const BEFORE_MS = 3_000
const AFTER_MS = 5_000
const KILLS_A_ROUND = 4

type Disturbance = (target: ClusterTarget, leader: number) => Promise<void>

interface Kind {
  readonly what: string
  readonly wanted?: (target: ClusterTarget, leader: number) => Promise<boolean>
  readonly disturb: Disturbance
  readonly restore: Disturbance
  /** Whoever goes says nothing: only the end of its session tells. */
  readonly isSilent?: boolean
  readonly goals: readonly Goal[]
}

interface Goal {
  readonly text: string
  reached(outages: readonly Outage[]): boolean
}

interface Outage {
  /** As the prober sees it. */
  readonly brokersMs: number
  /** Of kinds that are not silent: librdkafka waits for a minute there, whoever the broker is. */
  readonly librdkafkaMs: number | undefined
}

const librdkafka = (name: string, share: number, limitMs: number): Goal => ({
  text: `librdkafka's ${name} < ${limitMs} ms`,
  reached: (outages) => quantile(seenByLibrdkafka(outages), share) < limitMs,
})
const brokers = (text: string, limitMs: number): Goal => ({
  text: `the brokers' longest < ${text}`,
  reached: (outages) => quantile(seenByProber(outages), 1) < limitMs,
})
const seenByLibrdkafka = (outages: readonly Outage[]) =>
  outages.flatMap(({ librdkafkaMs }) => librdkafkaMs ?? [])
const seenByProber = (outages: readonly Outage[]) => outages.map(({ brokersMs }) => brokersMs)

const restart: Disturbance = (target, leader) => target.restart(leader)
const crash: Disturbance = (target, leader) => target.crash(leader)
const FAILOVER = [librdkafka('p50', 0.5, 1_000), librdkafka('p99', 0.99, 2_000)]

const kinds: readonly Kind[] = [
  {
    what: 'kill -9 of a leader',
    wanted: async (target, leader) => (await target.controller()) !== leader,
    disturb: crash,
    restore: restart,
    goals: FAILOVER,
  },
  {
    what: 'kill -9 of a leader that is the controller',
    wanted: async (target, leader) => (await target.controller()) === leader,
    disturb: crash,
    restore: restart,
    goals: FAILOVER,
  },
  {
    what: 'SIGSTOP of a leader',
    disturb: async (target, leader) => target.signal(leader, 'SIGSTOP'),
    restore: async (target, leader) => target.signal(leader, 'SIGCONT'),
    isSilent: true,
    goals: [brokers('the session + 500 ms', SESSION_MS + 500)],
  },
  {
    what: 'clean stop of a leader',
    disturb: (target, leader) => target.leave(leader),
    restore: restart,
    goals: [brokers('100 ms', 100)],
  },
]

/** Only the kill of a leader for Kafka: it is minutes of waiting. */
export async function clusterOutage({ rounds, scale }: Options): Promise<Row[]> {
  const times = Math.max(1, Math.ceil(rounds * KILLS_A_ROUND * scale))
  const ours = await millraceCluster('group')
  const outages = new Map<Kind, Outage[]>()
  for (const kind of kinds) {
    const count = kind.isSilent !== true ? times : Math.ceil(times / KILLS_A_ROUND)
    outages.set(kind, await outagesOf(ours, kind, count))
  }
  await ours.stop()
  const kafka = await kafkaCluster()
  const [killed] = kinds
  const beside = killed === undefined ? [] : await outagesOf(kafka, killed, 2)
  await kafka.stop()
  return kinds.flatMap((kind) => {
    const measured = outages.get(kind) ?? []
    const figures = {
      ...figuresOf(ours.name, measured),
      ...(kind === killed ? figuresOf(kafka.name, beside) : {}),
    }
    return kind.goals.map((goal) => ({
      scenario: `cluster: nothing acknowledged after ${kind.what}`,
      flush: 'group',
      figures,
      unit: 'ms',
      goal: { text: goal.text, reached: goal.reached(measured) },
      volume: `${measured.length} times, a record every 10 ms`,
    }))
  })
}

function figuresOf(name: string, outages: readonly Outage[]): Record<string, number> {
  const clients = seenByLibrdkafka(outages)
  return {
    [`${name}, brokers p50`]: median(seenByProber(outages)),
    [`${name}, brokers longest`]: quantile(seenByProber(outages), 1),
    ...(clients.length === 0
      ? {}
      : {
          [`${name}, librdkafka p50`]: median(clients),
          [`${name}, librdkafka longest`]: quantile(clients, 1),
        }),
  }
}

async function outagesOf(target: ClusterTarget, kind: Kind, times: number): Promise<Outage[]> {
  const outages: Outage[] = []
  while (outages.length < times) {
    const topic = `outage-${process.pid}-${Math.round(performance.now())}`
    await target.createTopic(topic, 1)
    const { leader } = await allInSync(target, topic)
    if ((await kind.wanted?.(target, leader)) !== false) {
      outages.push(await outage(target, kind, { topic, leader }))
      process.stderr.write(`  ${target.name}: ${kind.what}: ${JSON.stringify(outages.at(-1))}\n`)
    }
    await target.deleteTopic(topic)
  }
  return outages
}

async function outage(
  target: ClusterTarget,
  kind: Kind,
  { topic, leader }: { readonly topic: string; readonly leader: number },
): Promise<Outage> {
  const prober = new Prober(topic, target.address.split(','))
  const probing = prober.run()
  const count = Math.ceil(((BEFORE_MS + AFTER_MS) / 1000) * PER_SECOND)
  const args = ['acknowledge', topic, `${count}`, '1024', 'all', `${PER_SECOND}`, 'linger.ms=0']
  const loading = kind.isSilent ? undefined : load({ ...target, pids: () => [] }, args)
  // At any phase of the timers that the client has.
  await pause(BEFORE_MS + Math.random() * 1000)
  await kind.disturb(target, leader)
  await pause(kind.isSilent ? SESSION_MS + AFTER_MS : AFTER_MS)
  const seen = await loading
  prober.stop()
  const brokersMs = await probing
  if (seen !== undefined && seen.acknowledged !== count) {
    throw new Error(`${count} records were due, ${seen.acknowledged} acknowledged: ${kind.what}`)
  }
  await kind.restore(target, leader)
  await allInSync(target, topic)
  return { brokersMs, librdkafkaMs: seen?.maxMs }
}

async function allInSync(target: ClusterTarget, topic: string) {
  for (;;) {
    const place = await target.place(topic).catch(() => undefined)
    if (place?.inSync.length === 3) return place
    await pause(100)
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
