// What the tests of clients that never read have in common.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { batchOf } from '../oracle/cases/batches.js'
import { produceDraft } from '../oracle/cases/produce.js'
import { frameOf, Probe } from '../oracle/probe.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { anonymousBytes } from '../support/processes.js'

const CLIENTS = 40
const BATCHES = 8
const VALUE_BYTES = 900_000
const TOPIC = 't'

const fetchAll = {
  maxWaitMs: 0,
  minBytes: 1,
  topics: [
    {
      topic: TOPIC,
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 16 << 20 }],
    },
  ],
  forgottenTopicsData: [],
}

/** A request for all of the topic, some 7 MB. */
export const fetchFrame = frameOf(fetch, 11, fetchAll)

/**
 * Fills the topic `t` of a broker of its own, so that its memory is told apart, and lets 40 clients ask:
 * `askWithoutReading` resolves when the kernel has the requests of one.
 */
export async function unreadCostAtMost(
  maxGrowthBytes: number,
  askWithoutReading: (broker: TestBroker) => Promise<Socket>,
): Promise<void> {
  const broker = await startBroker({ flags: ['--flush', 'os'] })
  const unread: Socket[] = []
  const honest = new Probe(broker.kafka)
  try {
    await honest.createTopic(TOPIC)
    const records = batchOf(['x'.repeat(VALUE_BYTES)])
    for (let sent = 0; sent < BATCHES; sent++) {
      await honest.askQuietly(produce, 9, produceDraft({ name: TOPIC, records }))
    }
    assert.equal(await fetchedBytes(honest), BATCHES * records.length)
    const before = anonymousBytes(broker.pid)
    for (let client = 0; client < CLIENTS; client++) unread.push(await askWithoutReading(broker))
    // Both workers have turned many times since the last request came.
    for (let round = 0; round < 20; round++) {
      assert.equal(await fetchedBytes(honest), BATCHES * records.length)
    }
    const growth = anonymousBytes(broker.pid) - before
    assert.ok(growth < maxGrowthBytes, `grew by ${growth} bytes`)
  } finally {
    for (const socket of unread) socket.destroy()
    honest.close()
    await broker.stop()
  }
}

async function fetchedBytes(honest: Probe): Promise<number> {
  const answer = await honest.askQuietly(fetch, 11, fetchAll)
  const chunks = answer?.responses[0]?.partitions[0]?.records ?? []
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
}
