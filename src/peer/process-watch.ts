// Holds a connection to each of some brokers, so that the death of a process is noticed when it dies and
// not when its session ends. What a broken connection says is confirmed by a fresh attempt; silence says
// nothing, and is left to the session.
import type { Clock, Timer } from '../base/clock.js'
import type { BrokerRecord } from '../metadata/records.js'
import { type HelloOptions, probeProcess, sayHello } from './hello.js'
import { PeerConnection } from './peer-connection.js'

export interface ProcessWatchOptions extends Omit<HelloOptions, 'clusterId'> {
  clusterId(): string
  readonly clock: Clock
  died(broker: BrokerRecord): void
}

interface Watched {
  readonly broker: BrokerRecord
  connection: PeerConnection | undefined
  retry: Timer | undefined
  isOver: boolean
}

const OPEN_WITHIN_MS = 2_000
const MAX_ANSWER_BYTES = 64 << 10
const LOOK_AGAIN_MS = 500

export class ProcessWatch {
  private readonly watched = new Map<string, Watched>()

  constructor(private readonly options: ProcessWatchOptions) {}

  /** From now on these, each as it is registered. */
  watch(brokers: readonly BrokerRecord[]): void {
    const wanted = new Map(brokers.map((broker) => [`${broker.id}@${broker.epoch}`, broker]))
    for (const [name, watched] of this.watched) {
      if (wanted.has(name)) continue
      this.watched.delete(name)
      end(watched)
    }
    for (const [name, broker] of wanted) {
      if (this.watched.has(name) || broker.interBroker === undefined) continue
      const watched = { broker, connection: undefined, retry: undefined, isOver: false }
      this.watched.set(name, watched)
      void this.hold(watched)
    }
  }

  close(): void {
    this.watch([])
  }

  private async hold(watched: Watched): Promise<void> {
    const { interBroker } = watched.broker
    if (watched.isOver || interBroker === undefined) return
    const { transport, clock, brokerId, incarnation } = this.options
    const clusterId = this.options.clusterId()
    const connection = new PeerConnection({
      address: interBroker,
      transport,
      clock,
      clientId: `broker-${brokerId}`,
      openWithinMs: OPEN_WITHIN_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    })
    watched.connection = connection
    void sayHello(connection, { clusterId, brokerId }, OPEN_WITHIN_MS)
    await connection.ended
    if (watched.isOver) return
    const found = await probeProcess(watched.broker, {
      clusterId,
      brokerId,
      transport,
      clock,
      incarnation,
    })
    if (watched.isOver) return
    if (found === 'dead') this.options.died(watched.broker)
    watched.retry = clock.after(LOOK_AGAIN_MS, () => void this.hold(watched))
  }
}

function end(watched: Watched): void {
  watched.isOver = true
  watched.retry?.cancel()
  watched.connection?.close()
}
