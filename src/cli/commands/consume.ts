// millrace consume TOPIC: prints records, from a position, to the end or for ever.
import { once } from 'node:events'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ReaderOptions, ReceivedRecord } from '../../client/index.js'
import { addConnectFlags, type ConnectFlags, withClient } from '../connect.js'
import { formatRecord } from '../records/ndjson.js'
import { positiveNumber, wholeNumber } from '../whole-number.js'

interface Flags extends ConnectFlags {
  readonly from: NonNullable<ReaderOptions['from']>
  readonly partition?: readonly number[]
  readonly untilEnd?: boolean
  readonly count?: number
  readonly format: 'text' | 'ndjson' | 'raw'
  readonly committed?: boolean
  readonly json?: boolean
}

const NEWLINE = Buffer.from('\n')
const NOTHING = Buffer.alloc(0)
/** Written in pieces of about this size. */
const FLUSH_BYTES = 64 * 1024

export function registerConsume(program: Command): void {
  const command = program
    .command('consume <TOPIC>')
    .description('print the records of a topic')
    .option(
      '--from <WHERE>',
      'earliest, latest, an offset (1234), or a time (2026-01-31T12:00:00Z, or -10m for ten minutes ago)',
      startPosition,
      'earliest',
    )
    .option('-p, --partition <N>', 'only this partition; may be repeated', partitions)
    .option('--follow', 'wait for new records at the end (default)')
    .option('-e, --until-end', 'stop at what is the end now')
    .option('-n, --count <N>', 'stop after so many records', positiveNumber)
    .addOption(
      new Option(
        '-f, --format <FORMAT>',
        'text: values, a line each · ndjson: whole records as JSON · raw: values as they are',
      )
        .choices(['text', 'ndjson', 'raw'])
        .default('text'),
    )
    .option('--json', 'the same as --format ndjson')
    .option('--committed', 'leave out records of transactions that are open or aborted')
  addConnectFlags(command).action(consume)
}

export function startPosition(text: string): Flags['from'] {
  if (text === 'earliest' || text === 'latest') return text
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return { offset: Number(text) }
  const ago = /^-(\d+)(ms|s|m|h|d)$/.exec(text)
  if (ago) return { timestamp: nowMs() - Number(ago[1]) * unitMs(ago[2] ?? 's') }
  // Date.parse alone takes nearly everything: "-1" would be the year 2001.
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError(
      'It must be earliest, latest, an offset, a time like 2026-01-31T12:00:00Z, or one like -10m.',
    )
  }
  return { timestamp: time }
}

function nowMs(): number {
  return new Date(performance.timeOrigin + performance.now()).getTime()
}

function unitMs(unit: string): number {
  return { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 1000
}

function partitions(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, wholeNumber(text)]
}

async function consume(topic: string, flags: Flags): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  await withClient(flags, async (client) => {
    const reader = await client.reader(topic, {
      from: flags.from,
      ...(flags.partition ? { partitions: flags.partition } : {}),
      ...(flags.untilEnd ? { until: 'end' as const } : {}),
      isolation: flags.committed ? 'committed' : 'uncommitted',
      onGap: (gap) => process.stderr.write(`millrace: ${gap.message}\n`),
      signal: stop.signal,
    })
    await printAll(reader, flags, stop.signal)
  })
}

async function printAll(
  reader: AsyncIterable<ReceivedRecord>,
  flags: Flags,
  stop: AbortSignal,
): Promise<void> {
  const output = new BufferedOutput()
  const format = flags.json ? 'ndjson' : flags.format
  let left = flags.count ?? Number.POSITIVE_INFINITY
  try {
    for await (const record of reader) {
      if (format === 'ndjson') output.add(Buffer.from(formatRecord(record)), NEWLINE)
      else output.add(record.value ?? NOTHING, format === 'text' ? NEWLINE : NOTHING)
      if (output.isFull) await output.flush()
      if (--left === 0) break
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  await output.flush()
}

// A flush is also due when the reader waits for more: what was printed must be seen then.
class BufferedOutput {
  private pieces: Uint8Array[] = []
  private sizeBytes = 0
  private scheduled = false

  get isFull(): boolean {
    return this.sizeBytes >= FLUSH_BYTES
  }

  add(bytes: Uint8Array, end: Uint8Array): void {
    this.pieces.push(bytes, end)
    this.sizeBytes += bytes.length + end.length
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      void this.flush()
    })
  }

  async flush(): Promise<void> {
    if (this.sizeBytes === 0) return
    const all = Buffer.concat(this.pieces)
    this.pieces = []
    this.sizeBytes = 0
    if (!process.stdout.write(all)) await once(process.stdout, 'drain')
  }
}
