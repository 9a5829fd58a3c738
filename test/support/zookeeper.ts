// The real ZooKeeper of Debian: one server or an ensemble, on loopback and free ports.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryDirectory } from './broker.js'
import { freePort } from './kafka-server.js'
import { kill, start } from './processes.js'

const JARS = '/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar'
const JVM = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
const START_WITHIN_MS = 60_000
const ANSWER_WITHIN_MS = 1_000
/** A session lasts two ticks at least. */
export const TICK_MS = 500

export class TestZooKeeper {
  private child: ChildProcess | undefined

  constructor(
    readonly port: number,
    readonly directory: string,
    private readonly settings: readonly string[] = [],
  ) {}

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get dataDirectory(): string {
    return join(this.directory, 'data')
  }

  /** Resolves before it serves: see serving(). */
  launch(): void {
    mkdirSync(this.dataDirectory, { recursive: true })
    const configuration = join(this.directory, 'zoo.cfg')
    writeFileSync(
      configuration,
      [
        `tickTime=${TICK_MS}`,
        `dataDir=${this.dataDirectory}`,
        `clientPort=${this.port}`,
        'clientPortAddress=127.0.0.1',
        'admin.enableServer=false',
        '4lw.commands.whitelist=srvr',
        ...this.settings,
      ].join('\n'),
    )
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain'
    this.child = start('java', [...JVM, quiet, '-cp', JARS, main, configuration], {
      stdio: 'ignore',
    })
  }

  /** Resolves with 'standalone', 'leader' or 'follower'. */
  async serving(): Promise<string> {
    const deadline = performance.now() + START_WITHIN_MS
    while (performance.now() < deadline) {
      const mode = /^Mode: (\w+)/m.exec(await this.ask('srvr'))?.[1]
      if (mode !== undefined) return mode
      if (this.child?.exitCode !== null) throw new Error('ZooKeeper ended')
      await sleep(50)
    }
    throw new Error('ZooKeeper does not serve')
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child?.kill(signal)
  }

  async crash(): Promise<void> {
    if (this.child !== undefined) await kill(this.child, 'SIGKILL')
  }

  async restart(): Promise<void> {
    await this.crash()
    this.launch()
    await this.serving()
  }

  private ask(word: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1')
      let text = ''
      socket.on('connect', () => socket.write(word))
      socket.on('data', (piece) => {
        text += piece.toString()
      })
      socket.on('error', () => {})
      // One that starts may take the connection and never answer.
      socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy())
      socket.on('close', () => resolve(text))
    })
  }
}

export async function startZooKeeper(): Promise<TestZooKeeper> {
  const server = new TestZooKeeper(await freePort(), temporaryDirectory())
  server.launch()
  await server.serving()
  return server
}

export async function startEnsemble(size: number): Promise<readonly TestZooKeeper[]> {
  const members: { port: number; line: string }[] = []
  for (let id = 1; id <= size; id++) {
    const [port, quorum, election] = [await freePort(), await freePort(), await freePort()]
    members.push({ port, line: `server.${id}=127.0.0.1:${quorum}:${election}` })
  }
  const settings = ['initLimit=20', 'syncLimit=6', ...members.map(({ line }) => line)]
  const servers = members.map(({ port }, index) => {
    const server = new TestZooKeeper(port, temporaryDirectory(), settings)
    mkdirSync(server.dataDirectory, { recursive: true })
    writeFileSync(join(server.dataDirectory, 'myid'), String(index + 1))
    server.launch()
    return server
  })
  await Promise.all(servers.map((server) => server.serving()))
  return servers
}
