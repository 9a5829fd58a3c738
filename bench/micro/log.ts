// What the native log costs per call: append in both write modes; the index look-ups, a read at a random
// offset and the offset of a random time, for which the thread pool is asked; and the checksum beside the
// table that serves where there is no addon. `flush=os`: no disk is waited for.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bench, do_not_optimize, group, run } from 'mitata'
import { systemRandom } from '../../src/base/random.js'
import { crc32c as nativeCrc32c, openDirectory } from '../../src/log/log.js'
import type { LogConfig, LogDirectory, PartitionLog, WriteMode } from '../../src/log/types.js'
import { crc32c as tableCrc32c } from '../../src/protocol/records/crc32c.js'
import { RecordBatchBuilder } from '../../src/protocol/records/record-batch-builder.js'

const KIBIBYTE = 1024
const MEBIBYTE = 1024 * KIBIBYTE
/** An appending benchmark starts over when it has written so much, to bound what it takes on disk. */
const KEPT_BYTES = 512 * MEBIBYTE
const READABLE_BATCHES = 100_000
const FIRST_MS = 1_700_000_000_000

const config: LogConfig = {
  segmentBytes: 1024 * MEBIBYTE,
  segmentMs: 7 * 24 * 3600 * 1000,
  retentionBytes: -1,
  retentionMs: -1,
  indexIntervalBytes: 4096,
  maxMessageBytes: 4 * MEBIBYTE,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  timestampAfterMaxMs: Number.POSITIVE_INFINITY,
  compression: 'producer',
  compact: false,
  validateRecords: 'full',
}

function batchOf(records: number, recordBytes: number, timestampMs = FIRST_MS): Uint8Array {
  const builder = new RecordBatchBuilder()
  const value = new Uint8Array(recordBytes)
  for (let index = 0; index < records; index++) builder.append(null, value, [], timestampMs)
  return builder.build()
}

function chunked(bytes: Uint8Array, count: number): Uint8Array[] {
  const size = Math.ceil(bytes.length / count)
  return Array.from({ length: count }, (_, i) => bytes.slice(i * size, (i + 1) * size))
}

function appendOrFail(log: PartitionLog, records: Uint8Array | readonly Uint8Array[]): void {
  const appended = log.append(records)
  if (!appended.ok) throw new Error(appended.failure.message)
}

function appends(directory: LogDirectory, mode: WriteMode): void {
  const cases = [
    ['100 B, one record', batchOf(1, 100)],
    ['10 KiB, 10 records', batchOf(10, KIBIBYTE)],
    ['1 MiB in 16 chunks, 1,024 records', chunked(batchOf(1024, KIBIBYTE), 16)],
  ] as const
  for (const [index, [name, records]] of cases.entries()) {
    const log = directory.openPartition(`append-${index}`, config)
    const chunks = records instanceof Uint8Array ? [records] : records
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    let written = 0
    bench(`append ${name}, ${mode}`, () => {
      written += bytes
      if (written > KEPT_BYTES) {
        // The next append waits for it.
        void log.truncateTo(0)
        written = bytes
      }
      appendOrFail(log, records)
    })
  }
}

function lookUps(directory: LogDirectory): void {
  const log = directory.openPartition('read-0', config)
  for (let index = 0; index < READABLE_BATCHES; index++)
    appendOrFail(log, batchOf(1, KIBIBYTE, FIRST_MS + index))
  bench('read 1 KiB at a random offset, through the index', () => {
    const offset = Math.floor(systemRandom.next() * READABLE_BATCHES)
    const read = log.read({ offset, maxBytes: 1, atLeastOne: true, isolation: 'logEnd' })
    if (read.status === 'failed') throw new Error(read.failure.message)
    do_not_optimize(read)
  })
  bench('offset of a random timestamp, through the time index', async () => {
    const timestampMs = FIRST_MS + Math.floor(systemRandom.next() * READABLE_BATCHES)
    do_not_optimize(await log.offsetForTimestamp(timestampMs))
  })
}

function checksums(): void {
  for (const [name, size] of [
    ['100 B', 100],
    ['10 KiB', 10 * KIBIBYTE],
    ['1 MiB', MEBIBYTE],
  ] as const) {
    const bytes = new Uint8Array(size).fill(7)
    bench(`CRC-32C of ${name}, native`, () => do_not_optimize(nativeCrc32c(bytes)))
    bench(`CRC-32C of ${name}, table`, () => do_not_optimize(tableCrc32c(bytes)))
  }
}

const root = mkdtempSync(join(tmpdir(), 'millrace-micro-'))
const open = (writeMode: WriteMode) =>
  openDirectory(join(root, writeMode), { flush: 'os', flushIntervalMs: 1000, writeMode })
const directories = { mmap: open('mmap'), pwrite: open('pwrite') }
try {
  group('append', () => {
    appends(directories.mmap, 'mmap')
    appends(directories.pwrite, 'pwrite')
  })
  group('index look-up', () => lookUps(directories.mmap))
  group('checksum', checksums)
  await run()
} finally {
  await directories.mmap.close()
  await directories.pwrite.close()
  rmSync(root, { recursive: true, force: true })
}
