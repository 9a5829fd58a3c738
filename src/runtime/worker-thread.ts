// A worker of the broker as the main thread sees it: started, called, stopped, and watched. A worker
// that ends without having been asked to is a failure of the whole broker.
import { MessageChannel, type MessagePort, type Transferable, Worker } from 'node:worker_threads'
import type { Logger } from '../base/logger.js'
import { writeForwarded } from './forwarding-logger.js'
import type { LogEvent, WorkerSetup } from './messages.js'
import { type Methods, RpcPeer } from './rpc.js'

type NoMethods = Record<string, never>

/**
 * V8 counts what sockets read against the heap. While 0.5 GB/s comes in, its default makes an io worker
 * collect the whole heap some 35 times in 4 s, this twice; the broker takes an eighth less time.
 */
const YOUNG_GENERATION_MEGABYTES = 12

export interface WorkerThreadOptions {
  readonly entry: URL
  readonly setup: WorkerSetup
  /** More for its workerData: what is copied or shared, and what it is given. */
  readonly data: Readonly<Record<string, unknown>>
  readonly ports: Readonly<Record<string, MessagePort | readonly MessagePort[]>>
  readonly logger: Logger
  failed(error: Error): void
}

/** What the entry file finds as workerData. */
export type WorkerData<Ports> = { readonly setup: WorkerSetup; readonly main: MessagePort } & Ports

export class WorkerThread<Called extends Methods> {
  private readonly worker: Worker
  private readonly peer: RpcPeer<Called, NoMethods, LogEvent, never>
  private readonly exited: Promise<void>
  private expectsExit = false

  constructor(private readonly options: WorkerThreadOptions) {
    const { port1, port2 } = new MessageChannel()
    const ports = Object.values(options.ports).flat() as Transferable[]
    this.worker = new Worker(options.entry, {
      workerData: { setup: options.setup, main: port2, ...options.data, ...options.ports },
      transferList: [port2, ...ports],
      name: options.setup.name,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES },
    })
    this.peer = new RpcPeer<Called, NoMethods, LogEvent, never>(port1, {
      serve: {},
      onEvent: (event) => writeForwarded(options.logger, event),
    })
    this.exited = new Promise((resolve) => {
      this.worker.on('error', (error) => this.fail(toError(error)))
      this.worker.on('exit', (code) => {
        this.peer.drain()
        this.fail(new Error(`it ended with exit code ${code}`))
        this.peer.close()
        resolve()
      })
    })
  }

  get call(): RpcPeer<Called, NoMethods, LogEvent, never>['call'] {
    return this.peer.call.bind(this.peer)
  }

  /** From now on its end is what was asked for. */
  expectExit(): void {
    this.expectsExit = true
  }

  /**
   * True when the thread is gone; false when it did not leave in time. Then it is left behind: taken
   * down, it would abort the process if it has sockets of uWebSockets.
   */
  async end(deadline: Promise<void>): Promise<boolean> {
    this.expectsExit = true
    const inTime = await Promise.race([this.exited.then(() => true), deadline.then(() => false)])
    if (inTime) return true
    this.options.logger.error('a worker does not stop; it is left behind', {
      thread: this.options.setup.name,
    })
    this.worker.unref()
    return false
  }

  private fail(error: Error): void {
    if (this.expectsExit) return
    this.expectsExit = true
    const failure = new Error(`the thread ${this.options.setup.name} failed: ${error.message}`, {
      cause: error,
    })
    this.options.failed(failure)
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
