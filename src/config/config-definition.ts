// What is known of one config that clients can read or set by Kafka's name: its type, what it accepts
// and what it does. The tables are topic-configs.ts and broker-configs.ts.

export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'LONG' | 'DOUBLE' | 'LIST'

export interface ConfigDefinition {
  readonly name: string
  readonly type: ConfigType
  /** As a client sees it; null: there is none. */
  readonly defaultValue: string | null
  /** A sentence that says why a value of the right type is not taken. */
  readonly refuse?: (value: string) => string | undefined
  readonly documentation: string
}

const INT_MAX = 2n ** 31n - 1n
const LONG_MAX = 2n ** 63n - 1n
export const LONG_MAX_TEXT = String(LONG_MAX)

/** undefined when the value is fine; else Kafka's sentence. */
export function problemWith(definition: ConfigDefinition, value: string): string | undefined {
  const problem = typeProblem(definition.type, value.trim()) ?? definition.refuse?.(value.trim())
  if (problem === undefined) return undefined
  const shown = problem.startsWith(`${definition.name} must`) ? `[${value.trim()}]` : value.trim()
  return `Invalid value ${shown} for configuration ${definition.name}: ${problem}`
}

/** The one way to write a value: no spaces around, booleans in small letters, lists without repeats. */
export function canonical(type: ConfigType, value: string): string {
  const trimmed = value.trim()
  if (type === 'BOOLEAN') return trimmed.toLowerCase()
  if (type === 'LIST') return [...new Set(listItems(trimmed))].join(',')
  if (type === 'INT' || type === 'LONG') return String(BigInt(trimmed))
  return trimmed
}

export function listItems(value: string): string[] {
  if (value.trim() === '') return []
  return value.split(',').map((item) => item.trim())
}

function typeProblem(type: ConfigType, value: string): string | undefined {
  switch (type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(value) ? undefined : 'Expected value to be either true or false'
    case 'INT':
      return isWhole(value, INT_MAX) ? undefined : 'Not a number of type INT'
    case 'LONG':
      return isWhole(value, LONG_MAX) ? undefined : 'Not a number of type LONG'
    case 'DOUBLE':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)
        ? undefined
        : 'Not a number of type DOUBLE'
    default:
      return undefined
  }
}

function isWhole(value: string, max: bigint): boolean {
  if (!/^[+-]?\d{1,19}$/.test(value)) return false
  const number = BigInt(value.replace('+', ''))
  return number <= max && number >= -max - 1n
}

export function atLeast(min: number): (value: string) => string | undefined {
  return (value) => (Number(value) < min ? `Value must be at least ${min}` : undefined)
}

export function between(min: number, max: number): (value: string) => string | undefined {
  return (value) => {
    if (Number(value) < min) return `Value must be at least ${min}`
    return Number(value) > max ? `Value must be no more than ${max}` : undefined
  }
}

export function oneOf(...allowed: readonly string[]): (value: string) => string | undefined {
  return (value) =>
    allowed.includes(value) ? undefined : `String must be one of: ${allowed.join(', ')}`
}

export function eachOf(...allowed: readonly string[]): (value: string) => string | undefined {
  return (value) =>
    listItems(value).every((item) => allowed.includes(item))
      ? undefined
      : `String must be one of: ${allowed.join(', ')}`
}
