// A socket whose other end is the test: what the session sends is kept, in order.
import type { MessageHandler, MessageSocket } from '../../../src/network/types.js'
import type { BrokerFixture } from './broker-fixture.js'

export type Message = Readonly<Record<string, unknown>>

export class SessionClient implements MessageSocket {
  bufferedBytes = 0
  closedWith: number | undefined
  frames: (string | Uint8Array)[] = []
  private readonly handler: MessageHandler

  constructor(private readonly broker: BrokerFixture) {
    this.handler = broker.connect(this)
  }

  /** hello and welcome behind it. */
  static async greeted(broker: BrokerFixture): Promise<SessionClient> {
    const client = new SessionClient(broker)
    await client.say({ type: 'hello' })
    client.frames = []
    return client
  }

  sendText(text: string): void {
    this.frames.push(text)
  }

  sendBinary(bytes: Uint8Array): void {
    this.frames.push(bytes.slice())
  }

  sendPair(header: Uint8Array | string, body: Uint8Array): void {
    this.frames.push(typeof header === 'string' ? header : header.slice(), body.slice())
  }

  cork(send: () => void): void {
    send()
  }

  close(code: number): void {
    this.closedWith ??= code
    this.handler.onClose(code)
  }

  /** Sends one message or several in one frame, ends the turn, and gives what came back. */
  async say(...messages: object[]): Promise<Message[]> {
    this.post(...messages)
    await this.broker.turn()
    return this.take()
  }

  post(...messages: object[]): void {
    this.handler.onText(JSON.stringify(messages.length === 1 ? messages[0] : messages))
  }

  async sayText(text: string): Promise<Message[]> {
    this.handler.onText(text)
    await this.broker.turn()
    return this.take()
  }

  async sayBinary(...frames: Uint8Array[]): Promise<Message[]> {
    for (const frame of frames) this.handler.onBinary(frame)
    await this.broker.turn()
    return this.take()
  }

  async drained(): Promise<Message[]> {
    this.bufferedBytes = 0
    this.handler.onDrain()
    await this.broker.turn()
    return this.take()
  }

  /** The JSON messages that came since the last call. */
  take(): Message[] {
    const texts = this.frames.filter((frame) => typeof frame === 'string')
    this.frames = this.frames.filter((frame) => typeof frame !== 'string')
    return texts.flatMap((text) => [JSON.parse(text)].flat() as Message[])
  }

  takeBinary(): Uint8Array[] {
    const binary = this.frames.filter((frame) => typeof frame !== 'string')
    this.frames = this.frames.filter((frame) => typeof frame === 'string')
    return binary
  }
}
