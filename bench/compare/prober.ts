// A client that waits for nothing by itself: a record is due every few milliseconds, and each is tried again at once,
// with whomever the other brokers name as the leader, until it is acknowledged by all in sync. What it sees of an
// outage is the brokers' part alone; libraries add their own timers (librdkafka looks for a lost leader once a second
// and waits 100 ms before it tries again, a request that nobody answers holds it for a minute).
import { setTimeout as pause } from 'node:timers/promises'
import { buildBatch } from '../../src/cli/bench/kafka-load.js'
import { KafkaWire } from '../../src/cli/kafka-wire.js'
import { codecFor } from '../../src/protocol/codec.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { produce } from '../../src/protocol/messages/produce.js'

const DUE_EVERY_MS = 5
const ATTEMPT_MS = 200
const ACKNOWLEDGE_WITHIN_MS = 30_000
const metadataCodec = codecFor(metadata, 9)
const produceCodec = codecFor(produce, 7)

export class Prober {
  private readonly batch = buildBatch(1, 100)
  private readonly wires = new Map<string, KafkaWire>()
  private readonly addresses = new Map<number, string>()
  private leader: number | undefined
  private isOver = false

  /** `topic` has one partition. */
  constructor(
    private readonly topic: string,
    private readonly bootstrap: readonly string[],
  ) {}

  /** Until stop(); resolves with the longest time from due to acknowledged. */
  async run(): Promise<number> {
    let longestMs = 0
    let dueMs = performance.now()
    while (!this.isOver) {
      await this.acknowledged()
      longestMs = Math.max(longestMs, performance.now() - dueMs)
      dueMs = Math.max(dueMs + DUE_EVERY_MS, performance.now())
      await pause(Math.max(0, dueMs - performance.now()))
    }
    for (const wire of this.wires.values()) wire.close()
    return longestMs
  }

  stop(): void {
    this.isOver = true
  }

  private async acknowledged(): Promise<void> {
    let lost: string | undefined
    for (;;) {
      this.leader ??= await this.askLeader(lost)
      const address = this.addresses.get(this.leader ?? -1)
      if (address !== undefined && (await this.isTaken(address))) return
      this.leader = undefined
      lost = address
    }
  }

  private async isTaken(address: string): Promise<boolean> {
    const answer = await this.ask(address, (wire) =>
      wire.request(produceCodec, {
        transactionalId: null,
        acks: -1,
        timeoutMs: ACKNOWLEDGE_WITHIN_MS,
        topicData: [
          { name: this.topic, partitionData: [{ index: 0, records: [this.batch.slice()] }] },
        ],
      }),
    )
    return answer?.responses[0]?.partitionResponses[0]?.errorCode === 0
  }

  private async askLeader(lost: string | undefined): Promise<number | undefined> {
    for (const address of this.bootstrap) {
      if (address === lost) continue
      const answer = await this.ask(address, (wire) =>
        wire.request(metadataCodec, {
          topics: [{ name: this.topic }],
          allowAutoTopicCreation: false,
          includeClusterAuthorizedOperations: false,
          includeTopicAuthorizedOperations: false,
        }),
      )
      if (answer === undefined) continue
      for (const { nodeId, host, port } of answer.brokers) {
        this.addresses.set(nodeId, `${host}:${port}`)
      }
      const leader = answer.topics[0]?.partitions[0]?.leaderId ?? -1
      if (leader >= 0) return leader
    }
    return undefined
  }

  /** undefined: no answer in time; whoever does not answer is not waited for again on that connection. */
  private async ask<T>(address: string, work: (wire: KafkaWire) => Promise<T>) {
    const asked = (async () => {
      const wire = this.wires.get(address) ?? (await KafkaWire.open(address))
      this.wires.set(address, wire)
      return work(wire)
    })()
    const tooLate = pause(ATTEMPT_MS).then(() => undefined)
    const answer = await Promise.race([asked.catch(() => undefined), tooLate])
    if (answer === undefined) {
      this.wires.get(address)?.close()
      this.wires.delete(address)
    }
    return answer
  }
}
