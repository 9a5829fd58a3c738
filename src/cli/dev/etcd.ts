// shell: a process and its timers. The coordination service of a local cluster: an etcd that is installed.
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandFailure } from '../exit.js'
import { Supervised } from './supervised.js'

const ASK_EVERY_MS = 50

const HOW_TO_INSTALL = `a cluster of several brokers needs a coordination service, and no etcd was found on the PATH. Install one:
  Debian, Ubuntu   sudo apt-get install etcd-server
  macOS            brew install etcd
or name one that runs with --store etcd://HOST:2379/millrace or --store zookeeper://HOST:2181/millrace`

export interface EtcdOptions {
  readonly dataDirectory: string
  readonly logFile: string
  tell(line: string): void
}

/** To be started; `url` is for the brokers' --store. */
export async function planEtcd(
  options: EtcdOptions,
): Promise<{ readonly service: Supervised; readonly url: string }> {
  const command = findOnPath('etcd')
  if (command === undefined) throw new CommandFailure(HOW_TO_INSTALL)
  const [port, peerPort] = await Promise.all([freePort(), freePort()])
  const client = `http://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  const service = new Supervised({
    name: 'etcd',
    command,
    args: () => [
      ...['--name', 'dev', '--data-dir', options.dataDirectory],
      ...['--listen-client-urls', client, '--advertise-client-urls', client],
      ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
      ...['--initial-cluster', `dev=${peer}`],
      // Its only member is at another port each time it is started.
      '--force-new-cluster',
    ],
    logFile: options.logFile,
    serves: (child) => healthy(client, child),
    tell: options.tell,
  })
  return { service, url: `etcd://127.0.0.1:${port}/millrace` }
}

// One that has ended is told by its end.
async function healthy(client: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`${client}/health`).catch(() => undefined)
    if (answer?.ok === true) return
    await pause(ASK_EVERY_MS)
  }
}

function findOnPath(name: string): string | undefined {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = address !== null && typeof address === 'object' ? address.port : 0
      server.close(() => done(port))
    })
  })
}
