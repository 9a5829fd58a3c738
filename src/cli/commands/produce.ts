// millrace produce TOPIC < file: every line is a record. It goes through a reconnect without losing or
// repeating one, and exits with 0 only when all are acknowledged.
import { fstatSync } from 'node:fs'
import { type Command, Option } from 'commander'
import type { OutgoingRecord, Producer } from '../../client/index.js'
import { addConnectFlags, type ConnectFlags, withClient } from '../connect.js'
import { CommandFailure } from '../exit.js'
import { LineTooLong, lines } from '../records/lines.js'
import { BadRecord, parseRecord } from '../records/ndjson.js'
import type { Progress, RunCounters } from '../records/progress.js'
import { wholeNumber } from '../whole-number.js'

interface Flags extends ConnectFlags {
  readonly format: 'lines' | 'ndjson'
  readonly durability: 'none' | 'leader' | 'all'
  readonly partition?: number
  readonly key?: string
  readonly json?: boolean
}

const MAX_LINE_BYTES = 64 * 1024 * 1024

export function registerProduce(program: Command): void {
  const command = program
    .command('produce <TOPIC>')
    .description('write records from standard input, one a line')
    .addOption(
      new Option(
        '-f, --format <FORMAT>',
        'lines: a line is a value · ndjson: {"key","value","headers","timestamp","partition"}',
      )
        .choices(['lines', 'ndjson'])
        .default('lines'),
    )
    .addOption(
      new Option('-d, --durability <LEVEL>', 'what an acknowledgement promises')
        .choices(['none', 'leader', 'all'])
        .default('all'),
    )
    .option('-p, --partition <N>', 'send everything to this partition', wholeNumber)
    .option('-k, --key <KEY>', 'give every record this key')
    .option('--json', 'print the summary as JSON')
  addConnectFlags(command).action(produce)
}

async function produce(topic: string, flags: Flags): Promise<void> {
  await withClient(flags, async (client) => {
    const producer = await client.producer(topic, { durability: flags.durability })
    const run = new ProduceRun(producer, flags)
    const { showProgress } = await import('../records/progress.js')
    const progress = showProgress(run.counters, inputBytes())
    try {
      await run.sendAll(process.stdin)
      await producer.flush()
      run.failOnFirstError()
      await producer.close()
    } finally {
      // After a failure too, what was sent before it is acknowledged, and the summary counts it.
      await producer.close().catch(() => {})
      progress.stop()
      printSummary(topic, run.counters, progress, flags)
    }
  })
}

// What became of the record on a line; with the code of its cause, from which the exit code follows.
class LineFailure extends Error {
  readonly code: unknown

  constructor(lineNumber: number, cause: Error) {
    super(`line ${lineNumber}: ${cause.message}`, { cause })
    this.code = 'code' in cause ? cause.code : undefined
  }
}

class ProduceRun {
  readonly counters: RunCounters = { records: 0, bytes: 0, acknowledged: 0 }
  private failure: LineFailure | undefined
  /** Blank lines, which are no records in NDJSON, included. */
  private linesRead = 0
  private readonly fixed: Pick<OutgoingRecord, 'key' | 'partition'>
  private readonly onAcknowledged = () => {
    this.counters.acknowledged++
  }

  constructor(
    private readonly producer: Producer,
    private readonly flags: Flags,
  ) {
    this.fixed = {
      ...(flags.key === undefined ? {} : { key: flags.key }),
      ...(flags.partition === undefined ? {} : { partition: flags.partition }),
    }
  }

  async sendAll(input: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const found of lines(input, MAX_LINE_BYTES)) {
        for (const line of found) this.send(line)
        this.failOnFirstError()
        await this.producer.ready()
      }
    } catch (error) {
      if (error instanceof LineTooLong)
        throw new CommandFailure(
          `line ${this.linesRead + 1}: ${error.message}; the lines before it were sent`,
        )
      throw error
    }
  }

  failOnFirstError(): void {
    if (this.failure) throw this.failure
  }

  private send(line: Uint8Array): void {
    this.linesRead++
    this.counters.bytes += line.length + 1
    if (this.flags.format === 'ndjson' && line.length === 0) return
    const record = this.flags.format === 'ndjson' ? this.parse(line) : { value: line }
    this.counters.records++
    const lineNumber = this.linesRead
    this.producer.send({ ...record, ...this.fixed }).then(this.onAcknowledged, (error: Error) => {
      this.failure ??= new LineFailure(lineNumber, error)
    })
  }

  private parse(line: Uint8Array): OutgoingRecord {
    try {
      return parseRecord(line)
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error
      throw new CommandFailure(
        `line ${this.linesRead}: ${error.message}; the lines before it were sent`,
      )
    }
  }
}

/** Of a file on standard input; undefined for a pipe. */
function inputBytes(): number | undefined {
  const status = fstatSync(0)
  return status.isFile() ? status.size : undefined
}

function printSummary(
  topic: string,
  counters: RunCounters,
  progress: Progress,
  flags: Flags,
): void {
  const seconds = progress.seconds()
  const { records, bytes, acknowledged } = counters
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ topic, records, acknowledged, bytes, seconds })}\n`)
    return
  }
  const rate = Math.round(records / Math.max(seconds, 0.001)).toLocaleString('en')
  process.stderr.write(
    `${acknowledged.toLocaleString('en')} of ${records.toLocaleString('en')} records acknowledged in ${topic}, ` +
      `${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} s (${rate} records/s)\n`,
  )
}
