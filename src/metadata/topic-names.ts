// Kafka's rules for the names of new topics.
const MAX_NAME_LENGTH = 249
/** Kafka's own log of metadata; no topic may look like it. */
const RESERVED = '__cluster_metadata'
const INTERNAL: ReadonlySet<string> = new Set([
  '__consumer_offsets',
  '__transaction_state',
  '__share_group_state',
])

/** Why a topic cannot have this name; undefined when it can. */
export function problemWithName(name: string): string | undefined {
  const problem = reasonAgainst(name)
  return problem === undefined ? undefined : `Topic name is invalid: ${problem}`
}

function reasonAgainst(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  }
  return undefined
}

export function isReservedName(name: string): boolean {
  return name === RESERVED
}

export function isInternalName(name: string): boolean {
  return INTERNAL.has(name)
}

/** Equal for names that become one in metrics; undefined where that cannot happen. */
export function collisionKey(name: string): string | undefined {
  return /[._]/.test(name) ? name.replaceAll('.', '_') : undefined
}
