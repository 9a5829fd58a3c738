// A client of millrace.v1 written from src/protocol/millrace/README.md alone: a WebSocket and JSON, and
// none of our code.
import assert from 'node:assert/strict'
import { WebSocket as NodeWebSocket } from 'ws'

export type Message = Record<string, unknown> & { type: string }

/** All that a client by hand needs: a socket, what came, and a way to wait for the next of a kind. */
export class ByHand {
  readonly binary: ArrayBuffer[] = []
  closedWith: number | undefined
  private readonly messages: Message[] = []
  private readonly socket: InstanceType<typeof NodeWebSocket>
  private changed: () => void = () => {}
  private requests = 0

  constructor(url: string) {
    this.socket = new NodeWebSocket(url, 'millrace.v1')
    this.socket.binaryType = 'arraybuffer'
    this.socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.binary.push(data)
      else this.messages.push(...([JSON.parse(String(data))].flat() as Message[]))
      this.changed()
    }
    this.socket.onclose = ({ code }) => {
      this.closedWith = code
      this.changed()
    }
    this.socket.onerror = () => {}
    this.socket.onopen = () => this.send({ type: 'hello' })
  }

  static async welcomed(url: string): Promise<ByHand> {
    const client = new ByHand(url)
    await client.next('welcome')
    return client
  }

  send(...messages: object[]): void {
    this.socket.send(JSON.stringify(messages.length === 1 ? messages[0] : messages))
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.socket.send(data)
  }

  /** The response to one request; no other may be under way. */
  request(op: string, fields: object): Promise<Message> {
    this.send({ type: 'request', id: ++this.requests, op, ...fields })
    return this.next('response')
  }

  /** The next message of this type, whatever else comes. */
  next(type: string): Promise<Message> {
    return this.nextOf(type)
  }

  async nextOf(...types: readonly string[]): Promise<Message> {
    for (;;) {
      const at = this.messages.findIndex((message) => types.includes(message.type))
      const [found] = at < 0 ? [] : this.messages.splice(at, 1)
      if (found !== undefined) return found
      await this.change()
    }
  }

  async nextBinary(): Promise<ArrayBuffer> {
    for (;;) {
      const frame = this.binary.shift()
      if (frame !== undefined) return frame
      await this.change()
    }
  }

  async closed(): Promise<number> {
    while (this.closedWith === undefined) await this.change(true)
    return this.closedWith
  }

  close(): void {
    this.socket.close()
  }

  private change(mayBeClosed = false): Promise<void> {
    assert.ok(mayBeClosed || this.closedWith === undefined, `closed with ${this.closedWith}`)
    return new Promise((resolve) => {
      this.changed = resolve
    })
  }
}
