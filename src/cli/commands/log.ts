// millrace log dump|verify|repair: looks into segment files without a broker.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Command } from 'commander'
import { CommandFailure, ExitCode } from '../exit.js'
import { formatRecord } from '../records/ndjson.js'
import { table } from '../table.js'

interface DumpFlags {
  readonly records?: boolean
  readonly json?: boolean
}

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export function registerLog(program: Command): void {
  const log = program
    .command('log')
    .description('look into segment files, and repair a damaged partition')
  log
    .command('dump <PATH>')
    .description('print the batches of a segment file or of a partition folder')
    .option('-r, --records', 'print the records too')
    .option('--json', 'print JSON, one object a line')
    .action(dump)
  log
    .command('verify <PATH>')
    .description('check every batch of a segment file, a partition folder or a data directory')
    .option('--json', 'print JSON')
    .action(verify)
  log
    .command('repair <PARTITION_FOLDER>')
    .description('cut a partition at its first damaged batch; what follows it is lost')
    .option('--yes', 'really do it; without it, only say what would be cut')
    .option('--json', 'print JSON')
    .action(async (folder: string, flags: { yes?: boolean; json?: boolean }) => {
      const { repair } = await import('../repair.js')
      await repair(folder, flags)
    })
}

/** The .log files at or below `path`, in order: one at least. */
function segmentFiles(path: string): string[] {
  const found = findSegmentFiles(path)
  if (found.length > 0) return found
  throw new CommandFailure(`there is no segment file in ${path}`, ExitCode.notFound)
}

function findSegmentFiles(path: string): string[] {
  if (!existsSync(path)) throw new CommandFailure(`there is no ${path}`, ExitCode.notFound)
  if (!statSync(path).isDirectory()) return [path]
  const found = readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isDirectory()) return findSegmentFiles(join(path, entry.name))
      return /^\d{20}\.log$/.test(entry.name) ? [join(path, entry.name)] : []
    })
  return found
}

async function dump(path: string, flags: DumpFlags): Promise<void> {
  const { inspectSegment, readBatchRecords } = await import('../../log/log.js')
  for (const file of segmentFiles(path)) {
    if (!flags.json) process.stdout.write(`${file}\n`)
    const batches = inspectSegment(file)
    let next = await batches.next()
    for (; !next.done; next = await batches.next()) {
      const batch = next.value
      if (batch.problem !== undefined) process.exitCode = ExitCode.damaged
      print(flags, { file, ...batch }, describeBatch(batch))
      if (!flags.records || batch.problem !== undefined || batch.isControl) continue
      printRecords(file, await readBatchRecords(file, batch), flags)
    }
    if (next.value.reason === 'torn') process.exitCode = ExitCode.damaged
    if (!flags.json) process.stdout.write(`${describeEnd(next.value)}\n`)
  }
}

function printRecords(file: string, records: readonly Stored[], flags: DumpFlags): void {
  const place = partitionOf(file)
  for (const record of records) {
    const { timestampMs: timestamp, headers } = record
    const line = formatRecord({ ...place, ...record, timestamp, headers: headers.map(toPair) })
    process.stdout.write(`${flags.json ? '' : '    '}${line}\n`)
  }
}

function toPair(header: {
  key: string
  value: Uint8Array | null
}): readonly [string, Uint8Array | null] {
  return [header.key, header.value]
}

function partitionOf(file: string): { topic: string; partition: number } {
  const match = /^(.+)-(\d+)$/.exec(basename(dirname(file)))
  return { topic: match?.[1] ?? '', partition: Number(match?.[2] ?? -1) }
}

type Batch = import('../../log/log.js').SegmentBatch
type End = import('../../log/log.js').SegmentEnd
type Stored = import('../../log/log.js').SegmentRecord

function describeBatch(batch: Batch): string {
  const producer =
    batch.producerId >= 0
      ? ` producer ${batch.producerId}/${batch.producerEpoch} sequence ${batch.baseSequence}`
      : ''
  const marks = `${batch.isTransactional ? ' transactional' : ''}${batch.isControl ? ' control' : ''}`
  const problem = batch.problem === undefined ? '' : `  DAMAGED: ${batch.problem}`
  return (
    `  offsets ${batch.baseOffset}-${batch.lastOffset} at ${batch.position}, ${batch.sizeBytes} bytes, ` +
    `${batch.recordsCount} records, ${CODECS[batch.compression] ?? `codec ${batch.compression}`}, ` +
    `epoch ${batch.leaderEpoch}, up to ${new Date(Math.max(0, batch.maxTimestampMs)).toISOString()}${producer}${marks}${problem}`
  )
}

function describeEnd(end: End): string {
  const rest = end.fileBytes - end.position
  switch (end.reason) {
    case 'end':
      return `  end of file at ${end.position}`
    case 'zeros':
      return `  end of data at ${end.position}; ${rest} preallocated bytes follow`
    case 'torn':
      return `  end of data at ${end.position}; ${rest} bytes follow that are no whole batch`
  }
}

async function verify(path: string, flags: { json?: boolean }): Promise<void> {
  const { inspectSegment } = await import('../../log/log.js')
  const rows: {
    file: string
    batches: number
    damaged: number
    end: string
    problems: string[]
  }[] = []
  for (const file of segmentFiles(path)) {
    const row = { file, batches: 0, damaged: 0, end: '', problems: [] as string[] }
    const batches = inspectSegment(file)
    let next = await batches.next()
    for (; !next.done; next = await batches.next()) {
      row.batches++
      if (next.value.problem === undefined) continue
      row.damaged++
      row.problems.push(
        `offset ${next.value.baseOffset} at ${next.value.position}: ${next.value.problem}`,
      )
    }
    row.end = next.value.reason
    if (next.value.reason === 'torn') row.problems.push(`${describeEnd(next.value).trim()}`)
    rows.push(row)
  }
  const isDamaged = rows.some((row) => row.problems.length > 0)
  if (flags.json) process.stdout.write(`${JSON.stringify({ damaged: isDamaged, files: rows })}\n`)
  else printVerdict(rows)
  if (isDamaged) process.exitCode = ExitCode.damaged
}

function printVerdict(
  rows: readonly { file: string; batches: number; damaged: number; problems: string[] }[],
): void {
  const cells = rows.map((row) => [
    row.file,
    String(row.batches),
    row.problems.length === 0 ? 'good' : 'DAMAGED',
  ])
  process.stdout.write(`${table(['FILE', 'BATCHES', 'VERDICT'], cells)}\n`)
  for (const row of rows)
    for (const problem of row.problems) process.stdout.write(`${row.file}: ${problem}\n`)
}

function print(flags: DumpFlags, value: unknown, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(value) : text}\n`)
}
