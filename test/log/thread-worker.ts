// Appends from a thread of its own, small and large batches mixed, and tells where each came to lie.
import { parentPort, workerData } from 'node:worker_threads'
import { attachPartition } from '../../src/log/log.js'
import { inChunks, makeBatch } from './batches.js'

export interface AppendTask {
  readonly partition: number
  readonly name: string
  readonly count: number
}

export interface AppendedRange {
  readonly offset: number
  readonly value: string
}

const { partition, name, count } = workerData as AppendTask
const log = attachPartition(partition)
const ranges: AppendedRange[] = []
for (let i = 0; i < count; i++) {
  const value = `${name}-${i}`
  const padding = i % 100 === 0 ? 'x'.repeat(50_000) : ''
  const batch = makeBatch([{ value: `${value} ${padding}` }])
  const appended = log.append(i % 2 === 0 ? batch : inChunks(batch, 100))
  if (!appended.ok) throw new Error(appended.failure.message)
  ranges.push({ offset: appended.baseOffset, value })
}
parentPort?.postMessage(ranges)
