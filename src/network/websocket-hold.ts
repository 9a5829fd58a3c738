// A WebSocket cannot be paused: while its handler is held back, what arrives waits here, up to a limit.
import type { FrameHandler } from './types.js'

export interface WebSocketHoldOptions {
  readonly handler: FrameHandler
  readonly limitBytes: number
  receive(bytes: Uint8Array): void
  /** More arrived than may wait. */
  exceeded(reason: string): void
}

/** What a held message costs beside its bytes: without it, empty ones would be free. */
const MESSAGE_OVERHEAD_BYTES = 512

export class WebSocketHold {
  private held: Uint8Array[] = []
  private heldBytes = 0
  private awaitsRelease = false
  private isClosed = false

  constructor(private readonly options: WebSocketHoldOptions) {}

  get isHolding(): boolean {
    return this.held.length > 0
  }

  /** `message` dies with the call. */
  take(message: Uint8Array): void {
    if (this.isClosed) return
    if (!this.isHolding && !this.isHeldBack()) {
      this.options.receive(message)
      return
    }
    this.heldBytes += message.length + MESSAGE_OVERHEAD_BYTES
    const { limitBytes } = this.options
    if (this.heldBytes > limitBytes) {
      const reason = `${this.heldBytes} bytes sent while the disk was behind, and at most ${limitBytes} may wait`
      this.close()
      this.options.exceeded(reason)
      return
    }
    this.held.push(message.slice())
  }

  close(): void {
    this.isClosed = true
    this.held = []
    this.heldBytes = 0
  }

  private isHeldBack(): boolean {
    const { handler } = this.options
    if (handler.isHeldBack !== true) return false
    if (!this.awaitsRelease) {
      this.awaitsRelease = true
      handler.onRelease?.(() => {
        this.awaitsRelease = false
        this.release()
      })
    }
    return true
  }

  private release(): void {
    let released = 0
    while (!this.isClosed && released < this.held.length && !this.isHeldBack()) {
      const message = this.held[released++]
      if (message === undefined) break
      this.heldBytes -= message.length + MESSAGE_OVERHEAD_BYTES
      this.options.receive(message)
    }
    this.held.splice(0, released)
  }
}
