// WebSockets between a client and the sessions of a broker fixture, in one process: frames travel one a
// tick in each direction, and the test cuts connections. What is under way at a cut towards the client
// is lost; what is under way towards the broker may still arrive, when the client is already back.

import type { WebSocketLike } from '../../src/client/index.js'
import type { MessageHandler, MessageSocket } from '../../src/network/types.js'
import type { BrokerFixture } from '../handlers/millrace/broker-fixture.js'

type Frame = string | Uint8Array

export class FakeNetwork {
  readonly sockets = new Set<FakeWebSocket>()
  /** Refuses connections. */
  isDown = false
  framesSent = 0
  /** Called with every frame that either side sends. */
  onFrame: (socket: FakeWebSocket) => void = () => {}

  constructor(readonly broker: BrokerFixture) {}

  readonly open = (): WebSocketLike => new FakeWebSocket(this)

  cutAll(lateFrames = 0): void {
    for (const socket of [...this.sockets]) socket.cut(lateFrames)
  }
}

export class FakeWebSocket implements WebSocketLike, MessageSocket {
  binaryType = ''
  readonly bufferedAmount = 0
  readonly bufferedBytes = 0
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: ((event: never) => void) | null = null
  private handler: MessageHandler | undefined
  private toBroker: Frame[] = []
  private toClient: Frame[] = []
  private isMoving = false
  private isCut = false

  constructor(private readonly network: FakeNetwork) {
    setImmediate(() => {
      if (network.isDown) {
        this.onclose?.({ code: 1006, reason: '' })
        return
      }
      network.sockets.add(this)
      this.handler = network.broker.connect(this)
      this.onopen?.({} as never)
    })
  }

  /** The client's. */
  send(data: Frame): void {
    if (!this.isCut) this.enqueue(this.toBroker, data)
  }

  sendText(text: string): void {
    this.enqueue(this.toClient, text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.enqueue(this.toClient, bytes)
  }

  sendPair(header: Frame, body: Uint8Array): void {
    this.enqueue(this.toClient, header)
    this.enqueue(this.toClient, body)
  }

  cork(send: () => void): void {
    send()
  }

  /** Either side. */
  close(code = 1000): void {
    setImmediate(() => this.end(code, 0))
  }

  cut(lateFrames: number): void {
    this.end(1006, lateFrames)
  }

  private end(code: number, lateFrames: number): void {
    if (this.isCut) return
    this.isCut = true
    this.network.sockets.delete(this)
    this.toClient = []
    const late = this.toBroker.splice(0).slice(0, lateFrames)
    this.onclose?.({ code, reason: '' })
    // A few ticks later: the client may have opened its channel on another connection by then.
    let ticks = 8
    const arrive = (): void => {
      if (--ticks > 0) {
        setImmediate(arrive)
        return
      }
      for (const frame of late) this.receive(frame)
      this.handler?.onClose(code)
    }
    arrive()
  }

  private enqueue(queue: Frame[], frame: Frame): void {
    if (this.isCut) return
    queue.push(typeof frame === 'string' ? frame : frame.slice())
    this.network.framesSent++
    this.network.onFrame(this)
    if (this.isMoving) return
    this.isMoving = true
    setImmediate(() => this.move())
  }

  private move(): void {
    this.isMoving = false
    if (this.isCut) return
    const up = this.toBroker.shift()
    if (up !== undefined) this.receive(up)
    const down = this.toClient.shift()
    if (down !== undefined) this.onmessage?.({ data: toEventData(down) })
    if (this.toBroker.length === 0 && this.toClient.length === 0) return
    this.isMoving = true
    setImmediate(() => this.move())
  }

  private receive(frame: Frame): void {
    if (typeof frame === 'string') this.handler?.onText(frame)
    else this.handler?.onBinary(frame)
  }
}

function toEventData(frame: Frame): string | ArrayBuffer {
  if (typeof frame === 'string') return frame
  const copy = new ArrayBuffer(frame.length)
  new Uint8Array(copy).set(frame)
  return copy
}
