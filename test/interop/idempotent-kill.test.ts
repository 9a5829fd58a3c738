// Stock producers with idempotence on write a numbered stream while the broker is killed again and again:
// they send anew what was not acknowledged, and every line is there once, in order.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Producer } from '@platformatic/kafka'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { runOrFail, start } from '../support/processes.js'
import { kafkaJs } from './kafkajs.js'
import { readWithKcat } from './readers.js'

const TOPIC = 'numbered'
const KILLS = 3

/** A broker that can be killed: whoever asks for it gets the one that runs. */
class MortalBroker {
  kills = 0

  private constructor(private broker: TestBroker) {}

  static async start(flush: string): Promise<MortalBroker> {
    const broker = await startBroker({ flags: ['--workers', '2', '--flush', flush] })
    const create = [millrace, 'topic', 'create', TOPIC, '--url', broker.websocket]
    await runOrFail(process.execPath, create)
    return new MortalBroker(broker)
  }

  get present(): TestBroker {
    return this.broker
  }

  async killAndRestart(): Promise<void> {
    this.kills++
    await this.broker.crash()
    this.broker = await this.broker.restart()
  }

  /** Resolves when that many records can be read. */
  async holds(count: number): Promise<void> {
    const flags = ['--follow', '--count', String(count), '--url', this.broker.websocket]
    await runOrFail(process.execPath, [millrace, 'consume', TOPIC, ...flags])
  }
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `line ${from + i}`)
}

async function isThereOnce(broker: TestBroker, lines: readonly string[]): Promise<void> {
  const stored = (await readWithKcat(broker, TOPIC)).toString().split('\n').slice(0, -1)
  assert.equal(stored.length, lines.length)
  const wrong = lines.findIndex((line, i) => stored[i] !== line)
  assert.equal(wrong, -1, `offset ${wrong}: "${stored[wrong]}" instead of "${lines[wrong]}"`)
}

/** Kills while a request is stored but perhaps not acknowledged, or half of it is on its way. */
async function writeThroughKills(
  mortal: MortalBroker,
  send: (lines: readonly string[]) => Promise<void>,
): Promise<void> {
  const REQUESTS = 120
  const LINES_A_REQUEST = 2000
  let restarted: Promise<void> = Promise.resolve()
  for (let request = 0; request < REQUESTS; request++) {
    const first = request * LINES_A_REQUEST
    const sent = send(numbers(first, first + LINES_A_REQUEST))
    if (request % (REQUESTS / (KILLS + 1)) === 1 && mortal.kills < KILLS) {
      await restarted
      restarted = mortal.killAndRestart()
    }
    await sent
  }
  await restarted
  assert.equal(mortal.kills, KILLS)
  await isThereOnce(mortal.present, numbers(0, REQUESTS * LINES_A_REQUEST))
}

for (const flush of ['group', 'os']) {
  test(`kcat's lines are there once, in order, through ${KILLS} kills (flush: ${flush})`, async (t) => {
    const lines = numbers(0, 400_000)
    const mortal = await MortalBroker.start(flush)
    t.after(() => mortal.present.stop())
    const settings = ['enable.idempotence=true', 'acks=all', 'linger.ms=1', 'retry.backoff.ms=50']
    const options = settings.flatMap((setting) => ['-X', setting])
    // -E: a connection that is lost is no reason to give up.
    const args = ['-b', mortal.present.kafka, '-P', '-t', TOPIC, '-p', '0', '-E', ...options]
    const kcat = start('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] })
    let said = ''
    kcat.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const ended = once(kcat, 'close')
    const part = lines.length / (KILLS + 1)
    for (let kill = 0; kill < KILLS; kill++) {
      kcat.stdin?.write(`${lines.slice(kill * part, (kill + 1) * part).join('\n')}\n`)
      // The first of what was just written is there, the rest is on its way.
      await mortal.holds(kill * part + 1)
      await mortal.killAndRestart()
    }
    kcat.stdin?.end(`${lines.slice(KILLS * part).join('\n')}\n`)
    const [code] = await ended
    assert.equal(code, 0, said)
    assert.equal(mortal.kills, KILLS)
    await isThereOnce(mortal.present, lines)
  })

  test(`KafkaJS's lines are there once, in order, through ${KILLS} kills (flush: ${flush})`, async (t) => {
    const mortal = await MortalBroker.start(flush)
    t.after(() => mortal.present.stop())
    const producer = kafkaJs(mortal.present.kafka).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { retries: 100, initialRetryTime: 20, maxRetryTime: 200 },
    })
    await producer.connect()
    t.after(() => producer.disconnect())
    await writeThroughKills(mortal, async (lines) => {
      const messages = lines.map((value) => ({ value, partition: 0 }))
      const [answer] = await producer.send({ topic: TOPIC, messages, acks: -1 })
      assert.equal(answer?.errorCode, 0)
    })
  })

  test(`@platformatic/kafka's lines are there once, in order, through ${KILLS} kills (flush: ${flush})`, async (t) => {
    const mortal = await MortalBroker.start(flush)
    t.after(() => mortal.present.stop())
    const producer = new Producer({
      clientId: 'interop',
      bootstrapBrokers: [mortal.present.kafka],
      idempotent: true,
      retries: 100,
      retryDelay: 50,
    })
    t.after(() => producer.close(true))
    await writeThroughKills(mortal, async (lines) => {
      const messages = lines.map((value) => ({
        topic: TOPIC,
        value: Buffer.from(value),
        partition: 0,
      }))
      await producer.send({ messages, acks: -1 })
    })
  })
}
