// Cuts a byte stream into frames: a big-endian int32 length, then that many bytes. Frames are given on
// as the chunks they came in. What waits for the rest of its frame costs at most a small multiple of
// its bytes, however small the pieces: large slices are kept as they are, small ones are gathered.
import { FrameAssembly, mayKeep } from './frame-assembly.js'

const PREFIX_BYTES = 4

export interface FrameLimits {
  readonly maxRequestBytes: number
  readonly maxFirstRequestBytes: number
}

/** 'hold': keep the rest of the stream until resume(). */
export type FrameVerdict = 'continue' | 'hold'
export type FrameSink = (chunks: readonly Uint8Array[], sizeBytes: number) => FrameVerdict

export interface FrameSplitterOptions {
  readonly limits: FrameLimits
  readonly sink: FrameSink
}

export class FrameSplitter {
  private readonly assembly = new FrameAssembly()
  /** The prefix under assembly: its bytes so far, and how many. */
  private prefix = 0
  private prefixBytes = 0
  private inFrame = false
  private frames = 0
  private readonly held: Uint8Array[] = []
  private holding = false

  constructor(private readonly options: FrameSplitterOptions) {}

  /** Whole frames so far. */
  get framesSeen(): number {
    return this.frames
  }

  /** Some of a frame, or of its prefix, has arrived and the rest has not. */
  get isMidFrame(): boolean {
    return this.inFrame || this.prefixBytes > 0
  }

  /** Of the frame under assembly; 0 while its length is not known. */
  get frameSizeBytes(): number {
    return this.inFrame ? this.assembly.sizeBytes : 0
  }

  /** Of the frame under assembly, its bytes so far. */
  get receivedBytes(): number {
    return this.assembly.receivedBytes
  }

  /** Of the frame under assembly, what has not arrived. */
  get missingBytes(): number {
    return this.assembly.missingBytes
  }

  /** Some of what waits here lies in this buffer. */
  retains(buffer: ArrayBufferLike): boolean {
    return this.held.some((chunk) => chunk.buffer === buffer) || this.assembly.retains(buffer)
  }

  /** Bytes that wait here, for the rest of their frame or for resume(). */
  get waitingBytes(): number {
    let bytes = this.assembly.receivedBytes
    for (const chunk of this.held) bytes += chunk.length
    return bytes
  }

  /**
   * Takes the next bytes; what is kept of them is copied where they are borrowed: where they die when
   * this returns. The answer is why the stream cannot go on, if it cannot.
   */
  push(chunk: Uint8Array, isBorrowed: boolean): string | undefined {
    if (this.holding) {
      this.held.push(keep(chunk, isBorrowed))
      return undefined
    }
    return this.split(chunk, isBorrowed)
  }

  /** Goes on after 'hold'. */
  resume(): string | undefined {
    this.holding = false
    while (!this.holding) {
      const chunk = this.held.shift()
      if (chunk === undefined) return undefined
      const problem = this.split(chunk, false)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  private split(chunk: Uint8Array, isBorrowed: boolean): string | undefined {
    let at = 0
    while (at < chunk.length) {
      if (!this.inFrame) {
        at = this.takePrefix(chunk, at)
        if (this.prefixBytes < PREFIX_BYTES) return undefined
        const problem = this.beginFrame()
        if (problem !== undefined) return problem
      }
      const end = Math.min(chunk.length, at + this.assembly.missingBytes)
      const isWhole = end - at === this.assembly.missingBytes
      const slice = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end)
      at = end
      if (!isWhole) {
        if (slice.length > 0) this.assembly.add(slice, isBorrowed)
        return undefined
      }
      if (this.endFrame(slice) === 'hold') {
        this.hold(chunk.subarray(at), isBorrowed)
        return undefined
      }
    }
    return undefined
  }

  private takePrefix(chunk: Uint8Array, from: number): number {
    let at = from
    while (this.prefixBytes < PREFIX_BYTES && at < chunk.length) {
      this.prefix = (this.prefix << 8) | (chunk[at++] ?? 0)
      this.prefixBytes++
    }
    return at
  }

  private beginFrame(): string | undefined {
    const sizeBytes = this.prefix
    const problem = this.refusal(sizeBytes)
    if (problem !== undefined) return problem
    this.prefix = 0
    this.prefixBytes = 0
    this.inFrame = true
    this.assembly.begin(sizeBytes)
    return undefined
  }

  private endFrame(last: Uint8Array): FrameVerdict {
    const { sizeBytes } = this.assembly
    const chunks = this.assembly.finish(last)
    this.inFrame = false
    this.frames++
    return this.options.sink(chunks, sizeBytes)
  }

  private hold(rest: Uint8Array, isBorrowed: boolean): void {
    this.holding = true
    if (rest.length > 0) this.held.unshift(keep(rest, isBorrowed))
  }

  private refusal(sizeBytes: number): string | undefined {
    const { maxRequestBytes, maxFirstRequestBytes } = this.options.limits
    if (this.frames === 0) {
      const stranger = strangerHint(sizeBytes)
      if (stranger !== undefined) return stranger
    }
    if (sizeBytes <= 0) return `a frame with a length of ${sizeBytes} bytes`
    if (sizeBytes > maxRequestBytes) {
      return `a frame of ${sizeBytes} bytes, and at most ${maxRequestBytes} are accepted (max.request.bytes)`
    }
    if (this.frames === 0 && sizeBytes > maxFirstRequestBytes) {
      return `a first frame of ${sizeBytes} bytes, and at most ${maxFirstRequestBytes} are accepted`
    }
    return undefined
  }
}

function keep(chunk: Uint8Array, isBorrowed: boolean): Uint8Array {
  return mayKeep(chunk, isBorrowed) ? chunk : new Uint8Array(chunk) // slice() of a Buffer copies nothing
}

const HTTP_STARTS = new Map(
  ['GET ', 'POST', 'PUT ', 'HEAD', 'OPTI', 'DELE', 'PRI '].map((text) => [
    new DataView(new TextEncoder().encode(text).buffer).getInt32(0),
    text.trim(),
  ]),
)

/** What the first four bytes of a well-known other protocol look like, read as a length. */
function strangerHint(sizeBytes: number): string | undefined {
  if (HTTP_STARTS.has(sizeBytes)) {
    return 'an HTTP request on a Kafka listener: HTTP and WebSocket have a port of their own'
  }
  if (sizeBytes >>> 8 === 0x160301 || sizeBytes >>> 8 === 0x160303) {
    return 'a TLS handshake on a listener without TLS: set security.protocol to PLAINTEXT'
  }
  return undefined
}
