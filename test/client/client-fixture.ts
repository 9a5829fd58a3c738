// A client on a fake network to a broker of stand-ins, and time that goes on while a test waits.
import { type Client, type ConnectOptions, connect } from '../../src/client/index.js'
import { BrokerFixture, type BrokerFixtureOptions } from '../handlers/millrace/broker-fixture.js'
import { FakeNetwork } from './fake-network.js'

const TICK_MS = 5

export interface ClientFixture {
  readonly broker: BrokerFixture
  readonly network: FakeNetwork
  readonly client: Client
  connect(options?: ConnectOptions): Promise<Client>
}

/** Runs `work`; meanwhile every turn of the event loop moves the clock and tells readers of new data. */
export async function withClient(
  options: BrokerFixtureOptions,
  work: (fixture: ClientFixture) => Promise<void>,
): Promise<void> {
  const broker = new BrokerFixture({ flush: 'os', ...options, defer: setImmediate })
  const network = new FakeNetwork(broker)
  const open = (extra: ConnectOptions = {}) =>
    connect('ws://test', { webSocket: network.open, clock: broker.clock, ...extra })
  let isOver = false
  const tick = (): void => {
    if (isOver) return
    broker.clock.advance(TICK_MS)
    broker.settle()
    setImmediate(tick)
  }
  tick()
  try {
    const client = await open()
    await work({ broker, network, client, connect: open })
    await client.close()
  } finally {
    isOver = true
  }
}
