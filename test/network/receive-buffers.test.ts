// Bytes are read into buffers that are used again and again: no frame may see another one's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameSplitter } from '../../src/network/frame-splitter.js'
import { ReceiveBuffer, ReceiveBuffers } from '../../src/network/receive-buffers.js'

const MAX_FRAME_BYTES = 4 << 20

/** One connection that reads `stream` as the kernel would give it, at most so many bytes at a time. */
class Connection {
  readonly frames: Buffer[] = []
  readonly buffer: ReceiveBuffer
  private into: Uint8Array
  private at = 0
  private readonly splitter: FrameSplitter

  constructor(
    buffers: ReceiveBuffers,
    private readonly stream: Uint8Array,
    holdsAt: ReadonlySet<number> = new Set(),
  ) {
    this.buffer = new ReceiveBuffer(buffers)
    this.splitter = new FrameSplitter({
      limits: { maxRequestBytes: MAX_FRAME_BYTES, maxFirstRequestBytes: MAX_FRAME_BYTES },
      sink: (chunks) => {
        this.frames.push(Buffer.concat(chunks))
        return holdsAt.has(this.frames.length) ? 'hold' : 'continue'
      },
    })
    this.into = this.buffer.next(this.splitter, 0)
  }

  get isAtEnd(): boolean {
    return this.at === this.stream.length
  }

  get room(): number {
    return this.into.length
  }

  read(mostBytes: number): void {
    const piece = this.stream.subarray(this.at, this.at + Math.min(mostBytes, this.into.length))
    this.into.set(piece)
    this.at += piece.length
    const arrived = this.into.subarray(0, piece.length)
    const { isBorrowed } = this.buffer
    assert.equal(this.splitter.push(arrived, isBorrowed), undefined)
    if (isBorrowed) arrived.fill(0xee)
    this.into = this.buffer.next(this.splitter, piece.length)
  }

  goOn(): void {
    assert.equal(this.splitter.resume(), undefined)
  }
}

function streamOf(sizes: readonly number[], seed: number): { stream: Buffer; frames: Buffer[] } {
  const frames = sizes.map((size, i) => Buffer.alloc(size, (seed + i) % 200))
  const prefixed = frames.flatMap((frame) => {
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(frame.length)
    return [prefix, frame]
  })
  return { stream: Buffer.concat(prefixed), frames }
}

/** Returned slabs are overwritten, as the next connection would. */
class Overwriting extends ReceiveBuffers {
  given = 0

  override take(): Buffer {
    this.given++
    return super.take()
  }

  override giveBack(slab: Buffer): void {
    this.given--
    slab.fill(0xee)
    super.giveBack(slab)
  }
}

const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1000, max: 400_000 }),
    fc.integer({ min: 230_000, max: 300_000 }),
  ),
  { minLength: 1, maxLength: 12 },
)
const reads = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 30_000, max: 300_000 })),
  { minLength: 1, maxLength: 20 },
)

test('connections that share buffers each get their own frames, however their bytes arrive', () => {
  fc.assert(
    fc.property(
      fc.array(sizes, { minLength: 1, maxLength: 4 }),
      reads,
      fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }),
      (streams, mostBytes, holdsAt) => {
        const buffers = new Overwriting()
        const expected = streams.map((sizes, i) => streamOf(sizes, i * 50))
        const open = expected.map(({ stream }) => new Connection(buffers, stream, new Set(holdsAt)))
        for (let turn = 0; open.some((one) => !one.isAtEnd); turn++) {
          const one = open[turn % open.length]
          if (one?.isAtEnd === false) one.read(mostBytes[turn % mostBytes.length] ?? 1)
          if (turn % 3 === 0) for (const held of open) held.goOn()
        }
        for (const [i, one] of open.entries()) {
          for (const _ of holdsAt) one.goOn()
          assert.equal(one.frames.length, expected[i]?.frames.length)
          one.frames.forEach((frame, f) => {
            assert.ok(expected[i]?.frames[f]?.equals(frame), `frame ${f} of connection ${i}`)
          })
          one.buffer.close()
        }
        assert.equal(buffers.given, 0)
      },
    ),
    { numRuns: 150 },
  )
})

test('a connection without much of a frame costs no slab, and one in the middle of it few', () => {
  const buffers = new Overwriting()
  const { stream } = streamOf([3_000_000], 1)
  const connection = new Connection(buffers, stream)
  connection.read(20_000)
  assert.equal(buffers.given, 0)
  for (let arrived = 20_000; arrived < 2_900_000; arrived += 90_000) {
    connection.read(90_000)
    const slabBytes = buffers.given * (256 << 10)
    assert.ok(slabBytes <= (arrived + 90_000) * 8, `${slabBytes} bytes for ${arrived + 90_000}`)
    assert.ok(connection.room >= 64 << 10)
  }
  connection.buffer.close()
  assert.equal(buffers.given, 0)
})

test('a large frame in a slab is handed on as one piece', () => {
  const pieces: number[] = []
  const buffers = new ReceiveBuffers()
  const buffer = new ReceiveBuffer(buffers)
  const splitter = new FrameSplitter({
    limits: { maxRequestBytes: MAX_FRAME_BYTES, maxFirstRequestBytes: MAX_FRAME_BYTES },
    sink: (chunks) => {
      pieces.push(chunks.length)
      return 'continue'
    },
  })
  const { stream } = streamOf([230_000, 230_000, 10], 1)
  let into = buffer.next(splitter, 0)
  for (let at = 0; at < stream.length; ) {
    const count = into.byteLength === 0 ? 0 : Math.min(70_000, into.length, stream.length - at)
    into.set(stream.subarray(at, at + count))
    splitter.push(into.subarray(0, count), buffer.isBorrowed)
    into = buffer.next(splitter, count)
    at += count
  }
  assert.equal(pieces.length, 3)
  assert.ok(
    pieces.every((count) => count <= 4),
    `${pieces} pieces`,
  )
})
