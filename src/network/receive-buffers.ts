// What TCP sockets are read into, so that no read allocates. The connections of a thread share one
// buffer, since most reads end with a whole request; a connection in the middle of a large frame reads
// into slabs of its own, where the frame's bytes stay until it is whole.

const BUFFER_BYTES = 256 << 10
/** A slab costs at most this many times what has arrived of the frame in it. */
const MAX_COST_OF_SLAB = 8
/** Less room than this is not worth a read. */
const MIN_READ_BYTES = 64 << 10
/** Per thread; beyond it they are left to the collector. */
const MAX_FREE_SLABS = 64

/** Of one thread. */
export class ReceiveBuffers {
  readonly shared: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  private readonly free: Buffer[] = []

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
  }

  giveBack(slab: Buffer): void {
    if (this.free.length < MAX_FREE_SLABS) this.free.push(slab)
  }
}

/** What a connection tells of the frame that it waits for. */
export interface ArrivingFrame {
  /** Counts whole frames; 0 before the first. */
  readonly framesSeen: number
  readonly receivedBytes: number
  readonly missingBytes: number
  /** Some of what waits lies in this buffer. */
  retains(buffer: ArrayBufferLike): boolean
}

/** Of one connection: where its next bytes go. */
export class ReceiveBuffer {
  private slab: Buffer | undefined
  private used = 0
  /** Slabs without room for another read, with what still waits; looked at when a frame has ended. */
  private full: Buffer[] = []
  private framesSeen = 0
  private isClosed = false

  constructor(private readonly buffers: ReceiveBuffers) {}

  /** What arrives dies with the next read, of any connection. */
  get isBorrowed(): boolean {
    return this.slab === undefined
  }

  /** Where the read after one of `bytes` goes. Gives back what is not needed any more. */
  next(frame: ArrivingFrame | undefined, bytes: number): Uint8Array {
    if (frame === undefined || this.isClosed) return this.buffers.shared
    if (frame.framesSeen !== this.framesSeen) this.framesEnded(frame)
    if (this.slab === undefined) return this.wantsSlab(frame) ? this.open() : this.buffers.shared
    this.used += bytes
    if (!frame.retains(this.slab.buffer)) return this.goOnEmpty(frame, this.slab)
    if (this.slab.length - this.used >= MIN_READ_BYTES) return this.slab.subarray(this.used)
    this.full.push(this.slab)
    return this.open()
  }

  close(): void {
    this.isClosed = true
    for (const slab of this.full.splice(0)) this.buffers.giveBack(slab)
    if (this.slab !== undefined) this.buffers.giveBack(this.slab)
    this.slab = undefined
  }

  private wantsSlab({ receivedBytes, missingBytes }: ArrivingFrame): boolean {
    return missingBytes >= MIN_READ_BYTES && receivedBytes * MAX_COST_OF_SLAB >= BUFFER_BYTES
  }

  private goOnEmpty(frame: ArrivingFrame, slab: Buffer): Uint8Array {
    this.used = 0
    if (this.wantsSlab(frame)) return slab
    this.buffers.giveBack(slab)
    this.slab = undefined
    return this.buffers.shared
  }

  private open(): Uint8Array {
    this.used = 0
    this.slab = this.buffers.take()
    return this.slab
  }

  private framesEnded(frame: ArrivingFrame): void {
    this.framesSeen = frame.framesSeen
    this.full = this.full.filter((slab) => {
      const isNeeded = frame.retains(slab.buffer)
      if (!isNeeded) this.buffers.giveBack(slab)
      return isNeeded
    })
  }
}
