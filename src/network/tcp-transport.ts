// The bytes of a Kafka connection over a TCP socket of Node.
import type { Socket } from 'node:net'
import type { ByteTransport } from './connection.js'

/** libuv reads one socket up to 32 times before it looks at another: 8 MiB, which take many milliseconds. */
const MAX_TURN_BYTES = 1 << 20

export class TcpTransport implements ByteTransport {
  readonly canPause = true
  private turnBytes = 0
  private isYielding = false
  private isPaused = false

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

  /** So much was read: after enough of it others have their turn. */
  wasRead(bytes: number): void {
    this.turnBytes += bytes
    if (this.turnBytes < MAX_TURN_BYTES || this.isYielding) return
    this.isYielding = true
    this.socket.pause()
    setImmediate(() => {
      this.isYielding = false
      this.turnBytes = 0
      if (!this.isPaused) this.socket.resume()
    })
  }

  pause(): void {
    this.isPaused = true
    this.socket.pause()
  }

  resume(): void {
    this.isPaused = false
    if (!this.isYielding) this.socket.resume()
  }

  end(): void {
    this.socket.destroySoon()
  }

  destroy(): void {
    this.socket.destroy()
  }
}
