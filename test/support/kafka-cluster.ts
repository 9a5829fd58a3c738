// Three brokers of the real Kafka, each a broker and a controller, as one cluster.
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from './broker.js'
import { formatKafka, freePort, launchKafka } from './kafka-server.js'
import { kill } from './processes.js'

interface Member {
  readonly address: string
  readonly properties: string
  child: ChildProcess
}

export class KafkaCluster {
  private constructor(
    private readonly members: ReadonlyMap<number, Member>,
    private readonly jvm: readonly string[],
  ) {}

  static async start(
    settings: Readonly<Record<string, string>>,
    jvm: readonly string[],
  ): Promise<KafkaCluster> {
    const plans = await Promise.all(
      [1, 2, 3].map(async (id) => {
        const [port, controllerPort] = [await freePort(), await freePort()]
        return { id, port, controllerPort, directory: temporaryDirectory() }
      }),
    )
    const voters = plans.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
    const members = await Promise.all(
      plans.map(async ({ id, port, controllerPort, directory }) => {
        const properties = join(directory, 'server.properties')
        const all = {
          'process.roles': 'broker,controller',
          'node.id': String(id),
          'controller.quorum.voters': voters.join(','),
          'controller.listener.names': 'CONTROLLER',
          listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
          'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
          'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
          'log.dirs': join(directory, 'data'),
          ...settings,
        }
        const lines = Object.entries(all).map(([key, value]) => `${key}=${value}`)
        writeFileSync(properties, lines.join('\n'))
        await formatKafka(properties)
        return [id, { address: `127.0.0.1:${port}`, properties }] as const
      }),
    )
    // A controller serves only with a quorum: all are started before any is waited for.
    const started = await Promise.all(
      members.map(async ([id, plan]) => {
        return [id, { ...plan, child: await launchKafka(plan.properties, jvm) }] as const
      }),
    )
    return new KafkaCluster(new Map(started), jvm)
  }

  get bootstrap(): string {
    return [...this.members.values()].map(({ address }) => address).join(',')
  }

  get pids(): readonly number[] {
    return [...this.members.values()].map(({ child }) => child.pid ?? -1)
  }

  signal(id: number, signal: NodeJS.Signals): void {
    this.member(id).child.kill(signal)
  }

  /** Sends the signal that ends it, and waits for its end. */
  async end(id: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await kill(this.member(id).child, signal)
  }

  async restart(id: number): Promise<void> {
    const member = this.member(id)
    member.child = await launchKafka(member.properties, this.jvm)
  }

  /** Its data is thrown away: a clean stop would only cost seconds. */
  async stop(): Promise<void> {
    await Promise.all([...this.members.keys()].map((id) => this.end(id, 'SIGKILL')))
  }

  private member(id: number): Member {
    const member = this.members.get(id)
    if (member === undefined) throw new Error(`there is no broker ${id}`)
    return member
  }
}
