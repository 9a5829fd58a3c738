// The configuration file. Loaded only when one was named: its parser is large, and start-up counts.
import { readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { fail, type Outcome, succeed } from '../base/errors.js'
import { settings } from './settings.js'

export interface ConfigFile {
  readonly path: string
  /** By setting, as the file has them: not validated. */
  readonly values: Readonly<Record<string, unknown>>
}

/** YAML or JSON. */
export function readConfigFile(path: string): Outcome<ConfigFile> {
  let content: unknown
  try {
    content = parseYaml(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    return fail('INVALID_CONFIG', `cannot read the configuration file ${path}: ${messageOf(error)}`)
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return fail('INVALID_CONFIG', `the configuration file ${path} must hold "key: value" lines`)
  }
  return succeed({ path, values: flatten(content as Record<string, unknown>) })
}

// `log: { write: { mode: mmap } }` and `log.write.mode: mmap` are the same. A mapping stops being
// flattened where it is itself a setting's value.
function flatten(nested: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(nested)) {
    const key = prefix + name
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isGroup && !Object.hasOwn(settings, key)) {
      Object.assign(flat, flatten(value as Record<string, unknown>, `${key}.`))
    } else {
      flat[key] = value
    }
  }
  return flat
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
