// A B A B: every target once a round, and each measured run right after an equal unmeasured one, so
// that a machine whose speed drifts does so for all.
import { type LoadResult, load, median } from './load.js'
import { settle } from './memory.js'
import type { Target } from './targets.js'

export interface Plan {
  readonly targets: readonly Target[]
  readonly rounds: number
  /** The load client's arguments after the brokers, for a fresh topic. */
  readonly args: (topic: string) => readonly string[]
  readonly partitions: number
  /** What a run writes. */
  readonly volumeBytes: number
  /** The client, kafka_load unless told. */
  readonly load?: (target: Target, args: readonly string[]) => Promise<LoadResult>
  /** Fills the topic before the runs; the topic is then the same for both runs. */
  readonly prepare?: (target: Target, topic: string) => Promise<void>
}

export type Samples = Map<string, LoadResult[]>

export async function run(plan: Plan): Promise<Samples> {
  const measure = plan.load ?? load
  const samples: Samples = new Map(plan.targets.map((target) => [target.name, []]))
  for (let round = 0; round < plan.rounds; round++) {
    for (const target of plan.targets) {
      const topic = `bench-${process.pid}-${round}-${Math.round(performance.now())}`
      await target.createTopic(topic, plan.partitions)
      await plan.prepare?.(target, topic)
      await measure(target, plan.args(topic))
      await settle(plan.volumeBytes)
      const result = await measure(target, plan.args(topic))
      samples.get(target.name)?.push(result)
      process.stderr.write(`  ${target.name}: ${JSON.stringify(result)}\n`)
      await target.deleteTopic(topic)
    }
  }
  return samples
}

export function medians(samples: Samples, figure: keyof LoadResult): Record<string, number> {
  return Object.fromEntries(
    [...samples].map(([name, results]) => [
      name,
      median(results.map((r) => r[figure] ?? Number.NaN)),
    ]),
  )
}

/** Median of the ratios taken round by round. */
export function ratio(samples: Samples, figure: keyof LoadResult, of: string, to: string): number {
  const above = samples.get(of) ?? []
  const below = samples.get(to) ?? []
  return median(above.map((r, i) => (r[figure] ?? Number.NaN) / (below[i]?.[figure] ?? Number.NaN)))
}
