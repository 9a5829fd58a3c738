// Two transcripts, field by field.
import type { Step } from './probe.js'

export interface Difference {
  /** Such as "2 Produce v9 > responses.0.partitionResponses.0.errorCode". */
  readonly path: string
  readonly kafka: unknown
  readonly millrace: unknown
}

export function differences(kafka: readonly Step[], millrace: readonly Step[]): Difference[] {
  const left = new Map(flat(kafka))
  const right = new Map(flat(millrace))
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path))
    .map((path) => ({ path, kafka: left.get(path), millrace: right.get(path) }))
}

export function tell({ path, kafka, millrace }: Difference): string {
  return `${path}: Kafka ${JSON.stringify(kafka)}, Millrace ${JSON.stringify(millrace)}`
}

function* flat(steps: readonly Step[]): Generator<[string, unknown]> {
  for (const [at, { what, answer }] of steps.entries()) yield* leaves(`${at} ${what} >`, answer)
}

function* leaves(path: string, value: unknown): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) {
    yield [path, value]
    return
  }
  if (Array.isArray(value)) yield [`${path}.length`, value.length]
  for (const [name, field] of Object.entries(value)) {
    yield* leaves(path.endsWith('>') ? `${path} ${name}` : `${path}.${name}`, field)
  }
}
