// connect(): the one entrance.
import { foregroundClock } from '../base/clock.js'
import { systemRandom } from '../base/random.js'
import { Client } from './client.js'
import { Link } from './connection/link.js'
import { defaultFactory } from './connection/web-socket.js'
import type { ConnectOptions } from './options.js'

/** Resolves with a client that is connected; rejects with a ConnectionError. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Client> {
  const link = new Link({
    url,
    factory: options.webSocket ?? (await defaultFactory()),
    name: options.name ?? 'millrace-client',
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    reconnectMinMs: options.reconnectMinMs ?? 100,
    reconnectMaxMs: options.reconnectMaxMs ?? 5000,
    giveUpAfterMs: options.giveUpAfterMs ?? 120_000,
    clock: options.clock ?? foregroundClock,
    random: options.random ?? systemRandom,
  })
  const abort = (): void => link.close()
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted === true) link.close()
  await link.start()
  return new Client(link)
}
