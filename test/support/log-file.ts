// Real input: a file of more than a million lines that the system itself writes, Debian's description of
// every package it knows. Blank lines, long lines and UTF-8 included.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './project.js'

const LEAST_LINES = 1_000_000
const NEWLINE = 0x0a

export interface LogFile {
  readonly path: string
  readonly lines: number
  readonly sha256: string
}

export function realLogFile(): LogFile {
  const cache = join(projectRoot, 'test/.cache')
  const path = join(cache, 'packages.txt')
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    const text = describePackages()
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const bytes = readFileSync(path)
  return { path, lines: countLines(bytes), sha256: sha256(bytes) }
}

function describePackages(): Buffer {
  const text = dump()
  if (countLines(text) >= LEAST_LINES) return text
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore' })
  const again = dump()
  if (countLines(again) < LEAST_LINES) {
    throw new Error(
      `Debian describes only ${countLines(again)} lines of packages here: run apt-get update`,
    )
  }
  return again
}

function dump(): Buffer {
  return execFileSync('apt-cache', ['dumpavail'], { maxBuffer: 1 << 30 })
}

export function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++
  return lines
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
