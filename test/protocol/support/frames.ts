// Frames cut into chunks as a socket may cut them, and messages made comparable.
import fc from 'fast-check'
import type { EncodedFrame } from '../../../src/protocol/writer.js'

export function joined(frame: EncodedFrame): Uint8Array {
  return new Uint8Array(Buffer.concat(frame.chunks))
}

/** Cuts `bytes` at the given fractions of its length; an empty chunk may come of it. */
export function splitAt(bytes: Uint8Array, fractions: readonly number[]): Uint8Array[] {
  const cuts = fractions
    .map((fraction) => Math.floor(fraction * bytes.length))
    .sort((a, b) => a - b)
  return [0, ...cuts].map((start, index) => bytes.slice(start, cuts[index] ?? bytes.length))
}

/** Every byte a chunk of its own. */
export function splitEverywhere(bytes: Uint8Array): Uint8Array[] {
  return [...bytes].map((byte) => Uint8Array.of(byte))
}

export const arbitraryCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })

/** The message with every list of chunks joined: how records were cut does not count. */
export function withJoinedRecords(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((element) => element instanceof Uint8Array)
      ? hex(value)
      : value.map(withJoinedRecords)
  }
  if (value instanceof Uint8Array) return hex([value])
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, withJoinedRecords(field)]),
  )
}

// An empty list of chunks and a list of empty ones are the same records: none.
function hex(chunks: readonly Uint8Array[]): unknown {
  const text = Buffer.concat(chunks).toString('hex')
  return text === '' ? [] : text
}
