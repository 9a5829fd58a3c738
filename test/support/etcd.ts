// The real etcd, from Debian's package: members of a cluster on loopback, each a process of the test's own.
import type { ChildProcess } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryDirectory } from './broker.js'
import { freePort } from './kafka-server.js'
import { kill, start } from './processes.js'

interface MemberPlan {
  readonly name: string
  readonly port: number
  readonly peerPort: number
  readonly data: string
  readonly cluster: string
}

export class EtcdMember {
  private child: ChildProcess | undefined
  private log = ''

  constructor(private readonly plan: MemberPlan) {}

  get port(): number {
    return this.plan.port
  }

  get endpoint(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.plan.port }
  }

  /** Starts it and does not wait until it serves: alone, a member of a cluster does not. */
  launch(): void {
    const { name, port, peerPort, data, cluster } = this.plan
    const client = `http://127.0.0.1:${port}`
    const peer = `http://127.0.0.1:${peerPort}`
    const flags = {
      '--name': name,
      '--data-dir': data,
      '--listen-client-urls': client,
      '--advertise-client-urls': client,
      '--listen-peer-urls': peer,
      '--initial-advertise-peer-urls': peer,
      '--initial-cluster': cluster,
    }
    this.child = start('etcd', Object.entries(flags).flat(), {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.log = (this.log + chunk.toString()).slice(-20_000)
    })
  }

  async start(): Promise<void> {
    this.launch()
    await this.serves()
  }

  async serves(): Promise<void> {
    while (!(await this.isHealthy())) {
      if (this.child?.exitCode !== null) throw new Error(`etcd ended: ${this.log}`)
      await pause(50)
    }
  }

  async crash(): Promise<void> {
    if (this.child !== undefined) await kill(this.child, 'SIGKILL')
  }

  /** Until resume() it answers nothing; the kernel goes on accepting connections for it. */
  async freeze(): Promise<void> {
    const pid = this.child?.pid
    if (pid === undefined) throw new Error('etcd does not run')
    process.kill(pid, 'SIGSTOP')
    // The signal is sent, not yet obeyed: each thread stops by itself.
    while (!isStopped(pid)) await pause(1)
  }

  resume(): void {
    this.child?.kill('SIGCONT')
  }

  /** Of a member that is not running. */
  copyData(): string {
    const copy = temporaryDirectory()
    cpSync(this.plan.data, copy, { recursive: true })
    return copy
  }

  restoreData(copy: string): void {
    rmSync(this.plan.data, { recursive: true })
    cpSync(copy, this.plan.data, { recursive: true })
  }

  /** Asks etcd itself, past everything that is tested. */
  async ask(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    })
    return (await response.json()) as Record<string, unknown>
  }

  async isLeader(): Promise<boolean> {
    const status = await this.ask('/v3/maintenance/status', {})
    const header = status.header as { member_id?: string }
    return status.leader !== undefined && status.leader === header.member_id
  }

  private async isHealthy(): Promise<boolean> {
    if (!(await accepts(this.port))) return false
    const answer = await this.ask('/v3/kv/range', { key: 'Lw==' }).catch(() => undefined)
    return answer?.header !== undefined
  }
}

export async function startEtcd(): Promise<EtcdMember> {
  const [member] = await startEtcdCluster(1)
  if (member === undefined) throw new Error('etcd was not started')
  return member
}

export async function startEtcdCluster(size: number): Promise<readonly EtcdMember[]> {
  const plans: { name: string; port: number; peerPort: number }[] = []
  for (let index = 0; index < size; index++) {
    plans.push({ name: `n${index}`, port: await freePort(), peerPort: await freePort() })
  }
  const cluster = plans.map((p) => `${p.name}=http://127.0.0.1:${p.peerPort}`).join(',')
  const members = plans.map(
    (plan) => new EtcdMember({ ...plan, cluster, data: join(temporaryDirectory(), 'etcd') }),
  )
  for (const member of members) member.launch()
  await Promise.all(members.map((member) => member.serves()))
  return members
}

function isStopped(pid: number): boolean {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.every((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
  })
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
