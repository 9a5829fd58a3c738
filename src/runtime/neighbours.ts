// The other brokers as this one's control plane holds on to them: the controller watches all of them, each
// of them watches the controller, and whatever only the controller decides goes to it.
import { systemClock } from '../base/clock.js'
import type { ControlNode } from '../controller/control-node.js'
import type { BrokerImage } from '../metadata/image.js'
import { ProcessWatch } from '../peer/process-watch.js'
import { tcpTransport } from '../peer/tcp-transport.js'
import { ControllerLink } from './controller-link.js'

export interface NeighboursOptions {
  readonly node: ControlNode
  readonly brokerId: number
  readonly incarnation: string
}

export class Neighbours {
  readonly controller: ControllerLink
  private readonly processes: ProcessWatch
  private readonly stop: () => void
  private isWatching = false

  constructor(private readonly options: NeighboursOptions) {
    const { node, brokerId, incarnation } = options
    const common = { brokerId, transport: tcpTransport, clock: systemClock }
    this.controller = new ControllerLink({
      ...common,
      controller: () => node.image().brokers.get(node.image().controllerId),
    })
    this.processes = new ProcessWatch({
      ...common,
      incarnation,
      clusterId: () => node.clusterId,
      died: (broker) => node.brokerDied(broker),
    })
    this.stop = node.onDelta(() => this.update())
  }

  /** From now on; before it joined, a broker knows nobody. */
  watch(): void {
    this.isWatching = true
    this.update()
  }

  close(): void {
    this.stop()
    this.processes.close()
    this.controller.close()
  }

  private update(): void {
    if (!this.isWatching) return
    const { node, brokerId } = this.options
    const { brokers, controllerId } = node.image()
    const isWatched = ({ id }: BrokerImage) =>
      id !== brokerId && (node.isController || id === controllerId)
    this.processes.watch([...brokers.values()].filter(isWatched))
  }
}
