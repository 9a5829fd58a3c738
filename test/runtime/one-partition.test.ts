// Many connections of both protocols, served by both io workers, produce into one partition at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaWire } from '../../src/cli/kafka-wire.js'
import { connect } from '../../src/client/index.js'
import { codecFor } from '../../src/protocol/codec.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { RecordBatchBuilder } from '../../src/protocol/records/record-batch-builder.js'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { runOrFail } from '../support/processes.js'

const TOPIC = 'shared'
// Enough that the kernel leaves no worker without a connection of either kind.
const TCP_CONNECTIONS = 40
const WEBSOCKETS = 20
const RECORDS_A_CONNECTION = 1000
const RECORDS_A_BATCH = 10
const BATCHES_IN_FLIGHT = 5
const ALL_REPLICAS = -1

const produceCodec = codecFor(produce, 9)

interface Sender {
  /** Sends its records and resolves with the offset that each was acknowledged with. */
  sendAll(): Promise<number[]>
  close(): Promise<void> | void
}

async function kafkaSender(broker: TestBroker, name: string): Promise<Sender> {
  const wire = await KafkaWire.open(broker.kafka)
  const offsets: number[] = []
  const send = async (first: number) => {
    const baseOffset = await produceBatch(wire, name, first)
    for (let i = 0; i < RECORDS_A_BATCH; i++) offsets[first + i] = baseOffset + i
  }
  return {
    async sendAll() {
      const inFlight: Promise<void>[] = []
      for (let first = 0; first < RECORDS_A_CONNECTION; first += RECORDS_A_BATCH) {
        if (inFlight.length === BATCHES_IN_FLIGHT) await inFlight.shift()
        inFlight.push(send(first))
      }
      await Promise.all(inFlight)
      return offsets
    },
    close: () => wire.close(),
  }
}

async function produceBatch(wire: KafkaWire, name: string, first: number): Promise<number> {
  const builder = new RecordBatchBuilder()
  for (let i = 0; i < RECORDS_A_BATCH; i++)
    builder.append(null, recordValue(name, first + i), [], 1)
  const answer = await wire.request(produceCodec, {
    transactionalId: null,
    acks: ALL_REPLICAS,
    timeoutMs: 60_000,
    topicData: [{ name: TOPIC, partitionData: [{ index: 0, records: [builder.build()] }] }],
  })
  const [partition] = answer.responses[0]?.partitionResponses ?? []
  assert.equal(partition?.errorCode, 0)
  return Number(partition?.baseOffset)
}

async function webSocketSender(broker: TestBroker, name: string): Promise<Sender> {
  const client = await connect(broker.websocket)
  const producer = await client.producer(TOPIC, { durability: 'all', maxBatchBytes: 256 })
  return {
    async sendAll() {
      const numbers = Array.from({ length: RECORDS_A_CONNECTION }, (_, number) => number)
      const sent = numbers.map((number) => producer.send({ value: recordValue(name, number) }))
      return (await Promise.all(sent)).map(({ offset }) => offset ?? -1)
    },
    close: () => client.close(),
  }
}

function recordValue(name: string, number: number): string {
  return `${name}:${number}`
}

/** How many connections of a kind each io worker has accepted. */
async function connectionsByThread(broker: TestBroker, transport: string): Promise<number[]> {
  const url = `${broker.websocket.replace('ws:', 'http:')}/metrics`
  const text = await (await fetch(url)).text()
  return ['io-0', 'io-1'].map((thread) => {
    const labels = `thread="${thread}",transport="${transport}"`
    const line = text
      .split('\n')
      .find((each) => each.startsWith(`millrace_thread_connections_opened_total{${labels}}`))
    return Number(line?.split(' ')[1])
  })
}

async function storedRecords(broker: TestBroker): Promise<{ offset: number; value: string }[]> {
  const flags = ['--until-end', '--format', 'ndjson', '--url', broker.websocket]
  const { stdout } = await runOrFail(process.execPath, [millrace, 'consume', TOPIC, ...flags])
  const lines = stdout.toString().trim().split('\n')
  return lines.map((line) => JSON.parse(line) as { offset: number; value: string })
}

for (const flush of ['group', 'os']) {
  test(`both workers into one partition: contiguous, in order, nothing lost (flush: ${flush})`, async (t) => {
    const broker = await startBroker({ flags: ['--workers', '2', '--flush', flush] })
    t.after(() => broker.stop())
    const create = [millrace, 'topic', 'create', TOPIC, '-p', '1', '--url', broker.websocket]
    await runOrFail(process.execPath, create)
    const names = [
      ...Array.from({ length: TCP_CONNECTIONS }, (_, i) => `tcp-${i}`),
      ...Array.from({ length: WEBSOCKETS }, (_, i) => `websocket-${i}`),
    ]
    const senders = await Promise.all(
      names.map((name) =>
        name.startsWith('tcp') ? kafkaSender(broker, name) : webSocketSender(broker, name),
      ),
    )

    t.after(() => Promise.all(senders.map((sender) => sender.close())))

    const acknowledged = await Promise.all(senders.map((sender) => sender.sendAll()))

    for (const transport of ['tcp', 'websocket']) {
      const served = await connectionsByThread(broker, transport)
      assert.ok(Math.min(...served) > 0, `${transport} connections of each worker: ${served}`)
    }
    const expected: string[] = []
    for (const [i, offsets] of acknowledged.entries()) {
      assert.equal(offsets.length, RECORDS_A_CONNECTION)
      for (const [number, offset] of offsets.entries()) {
        assert.ok(number === 0 || offset > (offsets[number - 1] ?? 0), `order of ${names[i]}`)
        assert.equal(expected[offset], undefined, `two records were given offset ${offset}`)
        expected[offset] = recordValue(names[i] ?? '', number)
      }
    }
    const stored = await storedRecords(broker)
    assert.equal(stored.length, names.length * RECORDS_A_CONNECTION)
    assert.deepEqual(
      stored.map(({ offset }) => offset),
      Array.from(stored.keys()),
    )
    assert.deepEqual(
      stored.map(({ value }) => value),
      expected,
    )
  })
}
