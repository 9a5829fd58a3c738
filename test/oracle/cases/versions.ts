import type { Api } from '../../../src/protocol/schema.js'
import type { OracleCase, Probe } from '../probe.js'

/** All versions that Kafka offers to clients. */
export function versionsOf(api: Api): readonly number[] {
  const [first, last] = api.versions
  const end = Math.min(last, (api.unstable ?? Number.POSITIVE_INFINITY) - 1)
  return Array.from({ length: end - first + 1 }, (_, at) => first + at)
}

/** One case a version. `topic` makes names that no other case uses. */
export function everyVersion(
  api: Api,
  what: string,
  run: (broker: Probe, version: number, topic: string) => Promise<void>,
  from = 0,
): OracleCase[] {
  return versionsOf(api)
    .filter((version) => version >= from)
    .map((version) => inVersion(api, version, what, run))
}

export function inVersion(
  api: Api,
  version: number,
  what: string,
  run: (broker: Probe, version: number, topic: string) => Promise<void>,
): OracleCase {
  const topic = `${api.name}-${what.replaceAll(/[^a-z0-9]+/gi, '-')}-v${version}`
  return {
    name: `${api.name} v${version}: ${what}`,
    run: (broker) => run(broker, version, topic),
  }
}
