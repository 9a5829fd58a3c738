// Kafka is the oracle: the same requests go to the real Kafka and to Millrace, and the answers are
// compared field by field. What may differ stands in known-differences.ts.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startBroker, type TestBroker } from '../support/broker.js'
import { type KafkaServer, startKafka } from '../support/kafka-server.js'
import { cases } from './cases/index.js'
import { webSocketFrames } from './cases/web-socket.js'
import { type Difference, differences, tell } from './compare.js'
import { type KnownDifference, knownDifferences } from './known-differences.js'
import { type OracleCase, Probe } from './probe.js'
import { KafkaWebSocket } from './web-socket.js'

/** Guards against a broker that neither answers nor closes. */
const CASE_DEADLINE_MS = 30_000

describe('Millrace answers as Kafka does', () => {
  let kafka: KafkaServer
  let millrace: TestBroker
  const met = new Set<KnownDifference>()

  before(async () => {
    const started = await Promise.all([
      startKafka({ 'auto.create.topics.enable': 'true' }),
      startBroker({ flags: ['--flush', 'os'] }),
    ])
    kafka = started[0]
    millrace = started[1]
  })

  after(async () => {
    await Promise.all([kafka?.stop(), millrace?.stop()])
  })

  for (const one of cases) {
    test(one.name, { timeout: CASE_DEADLINE_MS }, async () => {
      const left = new Probe(kafka.address)
      const right = new Probe(millrace.kafka)
      await both(one, left, right)
      const unexpected = differences(left.transcript, right.transcript).filter((difference) => {
        const known = knownDifferences.find((known) => isKnown(known, one.name, difference))
        if (known) met.add(known)
        return known === undefined
      })
      assert.equal(unexpected.map(tell).join('\n'), '')
    })
  }

  for (const { what, frame } of webSocketFrames) {
    test(`over a WebSocket as over TCP: ${what}`, { timeout: CASE_DEADLINE_MS }, async () => {
      const tcp = new Probe(millrace.kafka)
      const socket = await KafkaWebSocket.open(millrace.websocket)
      try {
        assert.deepEqual(await socket.exchange(frame()), await tcp.exchange(frame()))
      } finally {
        tcp.close()
        socket.close()
      }
    })
  }

  test('every known difference still is one', () => {
    const gone = knownDifferences.filter((known) => !met.has(known))
    assert.deepEqual(gone, [])
  })
})

function isKnown(
  { cases, fields, errorCode }: KnownDifference,
  name: string,
  { path, millrace }: Difference,
): boolean {
  const isRight = !path.endsWith('errorCode') || millrace === errorCode
  return isRight && cases.test(name) && fields.test(path)
}

async function both(one: OracleCase, left: Probe, right: Probe): Promise<void> {
  try {
    const ran = await Promise.allSettled([one.run(left), one.run(right)])
    for (const result of ran) if (result.status === 'rejected') throw result.reason
  } finally {
    left.close()
    right.close()
  }
}
