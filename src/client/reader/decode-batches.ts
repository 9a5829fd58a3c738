// Record batches of a delivery as records, from the wanted offset on.

import { compressions, HEADER_BYTES } from '../../protocol/records/batch-format.js'
import { readBatchHeader } from '../../protocol/records/batch-header.js'
import { readRecords } from '../../protocol/records/read-records.js'
import { splitBatches } from '../../protocol/records/split-batches.js'
import type { DecompressBatch, ReceivedRecord } from '../options.js'
import { decompressBuiltIn } from './gunzip.js'

/** A batch is compressed in a way that this client cannot undo. */
export class UnsupportedCodec extends Error {}

export interface DecodeOptions {
  readonly topic: string
  readonly partition: number
  /** Records outside of it are left out. */
  readonly from: number
  readonly to: number
  readonly decompress: DecompressBatch | undefined
}

export async function decodeBatches(
  batches: Uint8Array,
  options: DecodeOptions,
): Promise<ReceivedRecord[]> {
  const { topic, partition, from, to } = options
  const records: ReceivedRecord[] = []
  for (const batch of splitBatches([batches])) {
    const header = readBatchHeader(batch)
    if (header.isControl || header.lastOffset < from) continue
    const unpacked =
      header.compression === 'uncompressed'
        ? undefined
        : await unpack(compressions.indexOf(header.compression), batch, options)
    const decompress = { decompress: () => unpacked ?? new Uint8Array() }
    for (const record of readRecords(batch, unpacked === undefined ? {} : decompress)) {
      const { offset, timestampMs: timestamp, key, value } = record
      if (offset < from || offset >= to) continue
      const headers = record.headers.map((pair) => [pair.key, pair.value] as const)
      records.push({ topic, partition, offset, timestamp, key, value, headers })
    }
  }
  return records
}

async function unpack(
  codec: number,
  batch: Uint8Array,
  options: DecodeOptions,
): Promise<Uint8Array> {
  const compressed = batch.subarray(HEADER_BYTES)
  const unpacked = options.decompress
    ? await options.decompress(codec, compressed)
    : await decompressBuiltIn(codec, compressed)
  if (unpacked === undefined) throw new UnsupportedCodec(`codec ${codec}`)
  return unpacked
}
