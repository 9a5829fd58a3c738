// Runs the load client and reads its line of JSON.
import { runToEnd } from '../../test/support/processes.js'
import { compiled, cpuSeconds, type Target } from './targets.js'

export interface LoadResult {
  readonly recordsPerSecond?: number
  readonly megabytesPerSecond?: number
  readonly acknowledged?: number
  readonly failed?: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  readonly p999Ms?: number
  readonly maxMs?: number
  /** Of the broker, while the client ran. */
  readonly brokerCpuSeconds: number
}

/** Of the produce scenarios: as many bytes a request as a busy producer sends. */
export const BATCHING = ['batch.size=262144', 'linger.ms=5']

let client: string | undefined

export async function load(target: Target, args: readonly string[]): Promise<LoadResult> {
  client ??= compiled('kafka_load', ['rdkafka'])
  const [mode, ...rest] = args
  const cpu = () => (target.pids?.() ?? [target.pid]).map(cpuSeconds).reduce((a, b) => a + b, 0)
  const before = cpu()
  const { stdout, stderr } = await runToEnd(client, [mode ?? '', target.address, ...rest])
  const brokerCpuSeconds = cpu() - before
  const line = stdout.toString().trim()
  if (!line.startsWith('{')) throw new Error(`${target.name}: ${args.join(' ')}: ${stderr}${line}`)
  return { ...(JSON.parse(line) as LoadResult), brokerCpuSeconds }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}
