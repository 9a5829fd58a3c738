// What a comparison is told on its command line.
import { parseArgs } from 'node:util'
import type { WriteMode } from '../../src/log/types.js'

export interface Options {
  readonly rounds: number
  readonly writeMode: WriteMode
  /** Of the event-loop scenario. */
  readonly volumeGibibytes: number
  /** Multiplies the volume of the scenarios that do not say otherwise; below 1 only to try them out. */
  readonly scale: number
}

export function parseOptions(args: readonly string[]): { options: Options; chosen: string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      'write-mode': { type: 'string', default: 'mmap' },
      'volume-gib': { type: 'string', default: '8' },
      scale: { type: 'string', default: '1' },
    },
  })
  const writeMode = values['write-mode']
  if (writeMode !== 'mmap' && writeMode !== 'pwrite') {
    throw new Error(`--write-mode is mmap or pwrite, not ${writeMode}`)
  }
  const options = {
    rounds: positive('rounds', values.rounds),
    writeMode,
    volumeGibibytes: positive('volume-gib', values['volume-gib']),
    scale: positive('scale', values.scale),
  } as const
  return { options, chosen: positionals }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} is a number above 0, not ${text}`)
  return value
}
