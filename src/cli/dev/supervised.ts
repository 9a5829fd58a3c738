// shell: its timers. A process of a local cluster: started, watched, started again when it dies, stopped.
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'

export interface ProcessPlan {
  readonly name: string
  readonly command: string
  /** Asked for at each start. */
  args(): readonly string[]
  /** Gets what it writes to standard error. */
  readonly logFile: string
  /** Resolves when it serves; whoever is asked may look at its standard output. */
  serves(child: ChildProcess): Promise<void>
  /** To a person. */
  tell(line: string): void
}

const RESTART_AFTER_MS = 5_000
const TAIL_CHARACTERS = 2_000

export class Supervised {
  private child: ChildProcess | undefined
  private isStopping = false
  private restart: NodeJS.Timeout | undefined
  private tail = ''

  constructor(private readonly plan: ProcessPlan) {}

  get pid(): number | undefined {
    return this.child?.pid
  }

  /** Fails with the end of what it wrote when it ends before it serves. */
  async start(): Promise<void> {
    const { command, logFile, name } = this.plan
    if (this.isStopping) throw new Error(`${name} was stopped before it began`)
    // A process group of its own: Ctrl-C is for whoever started it, which stops it in order.
    const child = spawn(command, this.plan.args(), {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.child = child
    const log = createWriteStream(logFile, { flags: 'a' })
    child.stderr?.pipe(log)
    child.stderr?.on('data', (chunk: Buffer) => {
      this.tail = (this.tail + chunk.toString()).slice(-TAIL_CHARACTERS)
    })
    const ended = new Promise<never>((_, reject) => {
      const fail = (why: string) => reject(new Error(`${name} ${why}\n${this.tail.trim()}`))
      child.once('error', (error) => fail(error.message))
      child.once('exit', (code, signal) => fail(`ended (${signal ?? `exit code ${code}`})`))
    })
    await Promise.race([this.plan.serves(child), ended])
    ended.catch((error: Error) => this.died(error))
  }

  /** Cleanly. */
  async stop(): Promise<void> {
    this.isStopping = true
    clearTimeout(this.restart)
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    await ended
  }

  private died({ message }: Error): void {
    if (this.isStopping) return
    const [what = ''] = message.split('\n')
    this.plan.tell(`${what}; it starts again in ${RESTART_AFTER_MS / 1000} s`)
    this.restart = setTimeout(() => void this.startAgain(), RESTART_AFTER_MS)
  }

  private async startAgain(): Promise<void> {
    try {
      await this.start()
      this.plan.tell(`${this.plan.name} serves again (pid ${this.pid})`)
    } catch (error) {
      this.died(error instanceof Error ? error : new Error(String(error)))
    }
  }
}
