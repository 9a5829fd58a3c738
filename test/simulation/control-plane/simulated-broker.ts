// One broker's part in the control plane on a simulated host: the very code that runs, over a simulated
// store, with leaders that change their in-sync sets at random.
import { silentLogger } from '../../../src/base/logger.js'
import type { ControlNode } from '../../../src/controller/control-node.js'
import { openControlNode } from '../../../src/controller/start.js'
import { randomId } from '../../../src/metadata/ids.js'
import type { BrokerRecord } from '../../../src/metadata/records.js'
import { brokerConfig, newTopic } from '../../controller/controller-fixture.js'
import type { SimulatedHost } from '../kernel/host.js'
import type { SimulatedProcess } from '../kernel/process.js'
import type { Simulation } from '../simulation.js'
import { SimulatedStore } from '../store/simulated-store.js'
import type { MemoryDisk } from './memory-disk.js'

export const TOPIC = 'orders'
export const PARTITIONS = 4
const PORT = 9093
const SESSION_MS = 6_000
const RETRY_MS = 1_000

export interface BrokerParts {
  readonly id: number
  readonly host: SimulatedHost
  readonly simulation: Simulation
  readonly disk: MemoryDisk
  /** Leaders grow their in-sync sets to all that they can, and shrink none. */
  readonly calm: () => boolean
}

export class SimulatedBroker {
  node: ControlNode | undefined
  private readonly process: SimulatedProcess
  private readonly store: SimulatedStore

  constructor(private readonly parts: BrokerParts) {
    const { host, simulation } = parts
    this.process = host.boot()
    const { service } = simulation
    this.store = new SimulatedStore({ process: this.process, service })
    void this.start()
    this.process.clock.every(150, () => void this.disturb())
    this.process.clock.every(400, () => this.lookAtOthers())
  }

  // A process that cannot start ends, and is started again.
  private async start(): Promise<void> {
    const { id, host, disk } = this.parts
    const { clock, random } = this.process
    const log = disk.open()
    const opened = await openControlNode({
      config: { ...brokerConfig, brokerId: id, store: 'simulated', sessionMs: SESSION_MS },
      store: this.store,
      directories: [{ path: log.path, log }],
      endpoints: [],
      interBroker: { host: host.name, port: PORT },
      incarnation: randomId(random),
      probe: async (record) => this.probe(record),
      clock,
      random,
      logger: silentLogger,
      files: disk.files,
    })
    const joined = opened.ok ? await opened.value.join() : opened
    if (opened.ok && joined.ok) {
      this.node = opened.value
      return
    }
    if (opened.ok) await opened.value.close()
    clock.after(RETRY_MS, () => void this.start())
  }

  private processOf(record: BrokerRecord): SimulatedProcess | undefined {
    const { hosts } = this.parts.simulation
    return hosts.find(({ name }) => name === record.interBroker?.host)?.process
  }

  /** An id belongs to a host, so that whoever was registered from here before is dead. */
  private probe(record: BrokerRecord): 'dead' | 'alive' | 'silent' {
    const process = this.processOf(record)
    if (process === undefined || process === this.process) return 'dead'
    return process.state === 'paused' ? 'silent' : 'alive'
  }

  private lookAtOthers(): void {
    const { node } = this
    if (node === undefined) return
    for (const broker of node.image().brokers.values()) {
      const isOther = broker.id !== this.parts.id
      const sees = this.process.random.next() < 0.5
      if (isOther && sees && this.processOf(broker) === undefined) node.brokerDied(broker)
    }
  }

  /** Many ask for one name, whoever is the controller. */
  private async createOrDelete(node: ControlNode): Promise<void> {
    const { random } = this.process
    if (random.next() < 0.8) return
    const name = `extra-${Math.floor(random.next() * 2)}`
    if (random.next() < 0.5) await node.deleteTopics([{ name }])
    else await node.createTopics([newTopic(name)], { validateOnly: false })
  }

  private async disturb(): Promise<void> {
    const { node } = this
    const { id, calm } = this.parts
    const { random } = this.process
    const topic = node?.image().topic(TOPIC)
    if (node === undefined) return
    if (topic === undefined) {
      await node.createTopics(
        [
          newTopic(TOPIC, {
            assignments: Array.from({ length: PARTITIONS }, (_, partitionIndex) => ({
              partitionIndex,
              brokerIds: [1, 2, 3],
            })),
            configs: [{ name: 'min.insync.replicas', value: '2' }],
          }),
        ],
        { validateOnly: false },
      )
      return
    }
    await this.createOrDelete(node)
    const partition = topic.partitions[Math.floor(random.next() * PARTITIONS)]
    if (partition === undefined || partition.leaderId !== id) return
    const { index, leaderEpoch, replicas } = partition
    const isIn = (other: number) =>
      other === id || (node.image().brokers.has(other) && (calm() || random.next() < 0.6))
    const inSync = replicas.filter(isIn)
    await node.alterInSync({ topicId: topic.id, index, leaderEpoch, inSync })
  }
}
