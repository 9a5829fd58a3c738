// The first lines of the real log file, for tests that read it many times.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../support/broker.js'
import { realLogFile } from '../support/log-file.js'

const NEWLINE = 0x0a

export interface Slice {
  /** The bytes of the file, the last newline included. */
  /** A file with just these lines. */
  readonly path: string
  readonly bytes: Buffer
  readonly lines: readonly Buffer[]
}

export function firstLines(count: number): Slice {
  return sliceOf(linesOf(readFileSync(realLogFile().path)).slice(0, count))
}

/** For kcat, which sends no empty values. */
export function firstFullLines(count: number): Slice {
  const full = linesOf(readFileSync(realLogFile().path)).filter((line) => line.length > 0)
  return sliceOf(full.slice(0, count))
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end))
    start = end + 1
  }
  return lines
}

function sliceOf(lines: readonly Buffer[]): Slice {
  const newline = Buffer.of(NEWLINE)
  const bytes = Buffer.concat(lines.flatMap((line) => [line, newline]))
  const path = join(temporaryDirectory(), 'lines')
  writeFileSync(path, bytes)
  return { path, bytes, lines }
}
