// What the tests of clients that never read have in common.
import { readFileSync } from 'node:fs'

/** Memory of the process that is not a mapped file's. */
export function anonymousBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) * 1024
}

export function fetchFrom(topic: string) {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 16 << 20 }]
  return {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  }
}
