// Kafka's frames over a WebSocket: the subprotocol `kafka` is a stream of the same bytes as TCP.
import { openNodeWebSocket } from '../../src/client/connection/node-web-socket.js'
import type { WebSocketLike } from '../../src/client/connection/web-socket.js'

/** Sends a frame with its length and resolves with the answer, likewise; undefined: it was closed. */
export class KafkaWebSocket {
  private received = Buffer.alloc(0)
  private settle: ((answer: Buffer | undefined) => void) | undefined

  private constructor(private readonly socket: WebSocketLike) {
    socket.onmessage = ({ data }) => this.onData(Buffer.from(data as ArrayBuffer))
    socket.onclose = () => this.finish(undefined)
  }

  static open(url: string): Promise<KafkaWebSocket> {
    const socket = openNodeWebSocket(`${url}/kafka`, 'kafka')
    socket.binaryType = 'arraybuffer'
    return new Promise((resolve, reject) => {
      socket.onerror = () => reject(new Error(`${url}/kafka did not open`))
      socket.onopen = () => resolve(new KafkaWebSocket(socket))
    })
  }

  exchange(frame: Uint8Array): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      this.settle = resolve
      this.socket.send(frame)
    })
  }

  close(): void {
    this.socket.close()
  }

  private onData(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    if (this.received.length < 4) return
    const end = 4 + this.received.readInt32BE(0)
    if (this.received.length < end) return
    const answer = this.received.subarray(4, end)
    this.received = this.received.subarray(end)
    this.finish(answer)
  }

  private finish(answer: Buffer | undefined): void {
    this.settle?.(answer)
    this.settle = undefined
  }
}
