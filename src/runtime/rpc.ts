// Calls and events over a MessagePort, in order: whatever was sent before an answer has arrived before
// it. Both ends declare the same interface of methods; arguments and results are plain data.
import { type MessagePort, receiveMessageOnPort, type Transferable } from 'node:worker_threads'

/** Methods by name; all of them are asynchronous on the calling side. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>

interface CallMessage {
  readonly call: number
  readonly method: string
  readonly args: readonly unknown[]
}
interface ResultMessage {
  readonly result: number
  readonly value?: unknown
  readonly error?: string
}
interface EventMessage {
  readonly event: unknown
}
type Message = CallMessage | ResultMessage | EventMessage

interface PendingCall {
  resolve(value: unknown): void
  reject(error: Error): void
}

export interface RpcOptions<Served extends Methods, Event> {
  readonly serve: Served
  /** What of a method's result travels without a copy. */
  transferOf?(result: unknown): readonly Transferable[]
  onEvent(event: Event): void
}

export class RpcPeer<Called extends Methods, Served extends Methods, EventIn, EventOut> {
  private readonly pending = new Map<number, PendingCall>()
  private nextCall = 1
  private closedBecause: string | undefined

  constructor(
    private readonly port: MessagePort,
    private readonly options: RpcOptions<Served, EventIn>,
  ) {
    port.on('message', (message: Message) => this.receive(message))
    port.on('close', () => this.fail('the other thread has ended'))
  }

  call<M extends keyof Called & string>(
    method: M,
    args: Parameters<Called[M]>,
    transfer: readonly Transferable[] = [],
  ): Promise<Awaited<ReturnType<Called[M]>>> {
    return new Promise((resolve, reject) => {
      if (this.closedBecause !== undefined) {
        reject(new Error(this.closedBecause))
        return
      }
      const call = this.nextCall++
      this.pending.set(call, {
        resolve: (value) => resolve(value as Awaited<ReturnType<Called[M]>>),
        reject,
      })
      this.post({ call, method, args }, transfer)
    })
  }

  send(event: EventOut): void {
    if (this.closedBecause === undefined) this.post({ event }, [])
  }

  /** Takes now what has arrived and waits for its turn: the end of a thread overtakes its last words. */
  drain(): void {
    for (;;) {
      const arrived = receiveMessageOnPort(this.port)
      if (arrived === undefined) return
      this.receive(arrived.message as Message)
    }
  }

  close(): void {
    this.fail('the link between the threads is closed')
    this.port.close()
  }

  private receive(message: Message): void {
    if ('event' in message) this.options.onEvent(message.event as EventIn)
    else if ('result' in message) this.settle(message)
    else void this.answer(message)
  }

  private settle({ result, value, error }: ResultMessage): void {
    const pending = this.pending.get(result)
    this.pending.delete(result)
    if (error === undefined) pending?.resolve(value)
    else pending?.reject(new Error(error))
  }

  private async answer({ call, method, args }: CallMessage): Promise<void> {
    let message: ResultMessage
    let transfer: readonly Transferable[] = []
    try {
      const served = this.options.serve[method]
      if (served === undefined) throw new Error(`there is no method ${method}`)
      const value: unknown = await served(...(args as never[]))
      transfer = this.options.transferOf?.(value) ?? []
      message = { result: call, value }
    } catch (error) {
      message = { result: call, error: error instanceof Error ? error.message : String(error) }
    }
    if (this.closedBecause === undefined) this.post(message, transfer)
  }

  private post(message: Message, transfer: readonly Transferable[]): void {
    this.port.postMessage(message, [...transfer])
  }

  private fail(reason: string): void {
    if (this.closedBecause !== undefined) return
    this.closedBecause = reason
    for (const pending of this.pending.values()) pending.reject(new Error(reason))
    this.pending.clear()
  }
}
