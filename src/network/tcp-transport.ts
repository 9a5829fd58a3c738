// The bytes of a Kafka connection over a TCP socket of Node.
import type { Socket } from 'node:net'
import type { ByteTransport } from './connection.js'

export class TcpTransport implements ByteTransport {
  readonly canPause = true

  constructor(
    private readonly socket: Socket,
    private readonly onSent: (bytes: number) => void,
  ) {}

  get unsentBytes(): number {
    return this.socket.writableLength
  }

  write(chunks: readonly Uint8Array[]): void {
    const { socket } = this
    const [only] = chunks
    let bytes = 0
    if (chunks.length === 1 && only !== undefined) {
      bytes = only.length
      socket.write(only)
    } else {
      socket.cork()
      for (const chunk of chunks) {
        bytes += chunk.length
        socket.write(chunk)
      }
      socket.uncork()
    }
    this.onSent(bytes)
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  end(): void {
    this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }
}
