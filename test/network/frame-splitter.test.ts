import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameSplitter } from '../../src/network/frame-splitter.js'

const limits = { maxRequestBytes: 1000, maxFirstRequestBytes: 400 }

function frame(body: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4)
  prefix.writeInt32BE(body.length)
  return Buffer.concat([prefix, body])
}

function collect(given = limits) {
  const frames: string[] = []
  const splitter = new FrameSplitter({
    limits: given,
    sink: (chunks, sizeBytes) => {
      const joined = Buffer.concat(chunks)
      assert.equal(joined.length, sizeBytes)
      frames.push(joined.toString('hex'))
      return 'continue'
    },
  })
  return { frames, splitter }
}

test('any split of a stream gives the same frames', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 50 }),
      fc.boolean(),
      (bodies, cuts, borrowed) => {
        const stream = Buffer.concat(bodies.map(frame))
        const { frames, splitter } = collect()
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const to = Math.min(stream.length, at + (cuts[i % cuts.length] ?? 1))
          const piece = Uint8Array.from(stream.subarray(at, to))
          assert.equal(splitter.push(piece, borrowed), undefined)
          // What was borrowed is overwritten as soon as push() returned.
          if (borrowed) piece.fill(0xee)
          at = to
        }
        assert.deepEqual(
          frames,
          bodies.map((body) => Buffer.from(body).toString('hex')),
        )
        assert.equal(splitter.isMidFrame, false)
        assert.equal(splitter.waitingBytes, 0)
      },
    ),
    { numRuns: 500 },
  )
})

test('large frames in socket-sized chunks arrive as the chunks themselves', () => {
  const body = Buffer.alloc(300_000, 7)
  const stream = frame(body)
  const given: Buffer[] = []
  let seen: readonly Uint8Array[] = []
  const splitter = new FrameSplitter({
    limits: { maxRequestBytes: 1 << 20, maxFirstRequestBytes: 1 << 20 },
    sink: (chunks) => {
      seen = chunks
      return 'continue'
    },
  })
  for (let at = 0; at < stream.length; at += 65_536) {
    const chunk = Buffer.from(Uint8Array.from(stream.subarray(at, at + 65_536)).buffer)
    given.push(chunk)
    assert.equal(splitter.push(chunk, false), undefined)
  }
  assert.equal(seen.length, given.length)
  seen.forEach((chunk, i) => {
    assert.equal(chunk.buffer, given[i]?.buffer)
  })
})

test('a frame that comes byte by byte costs its bytes, not an entry each', () => {
  const { splitter, frames } = collect({
    maxRequestBytes: 1 << 20,
    maxFirstRequestBytes: 1 << 20,
  })
  const body = Buffer.alloc(200_000, 1)
  const stream = frame(body)
  const chunks: number[] = []
  const spying = new FrameSplitter({
    limits: { maxRequestBytes: 1 << 20, maxFirstRequestBytes: 1 << 20 },
    sink: (list) => {
      chunks.push(list.length)
      return 'continue'
    },
  })
  for (let at = 0; at < stream.length; at++) {
    const byte = Uint8Array.of(stream[at] ?? 0)
    splitter.push(byte, false)
    spying.push(byte, false)
  }
  assert.equal(frames[0], body.toString('hex'))
  assert.ok((chunks[0] ?? 0) < 20, `${chunks[0]} chunks`)
})

test('a small slice does not hold on to a large chunk', () => {
  const { splitter, frames } = collect({
    maxRequestBytes: 1 << 20,
    maxFirstRequestBytes: 1 << 20,
  })
  const chunk = Buffer.alloc(65_536)
  const first = frame(Buffer.alloc(65_500, 1))
  const second = frame(Buffer.alloc(100, 2))
  first.copy(chunk)
  second.copy(chunk, first.length, 0, 65_536 - first.length)
  splitter.push(chunk, false)
  chunk.fill(9)
  splitter.push(second.subarray(65_536 - first.length), false)
  assert.equal(frames[1], Buffer.alloc(100, 2).toString('hex'))
})

for (const [length, expected] of [
  [-1, /length of -1 bytes/],
  [0, /length of 0 bytes/],
  [2 ** 31 - 1, /frame of 2147483647 bytes, and at most 1000/],
  [1001, /frame of 1001 bytes, and at most 1000/],
  [401, /first frame of 401 bytes, and at most 400/],
  [0x47455420, /HTTP request on a Kafka listener/],
  [0x16030101, /TLS handshake/],
] as const) {
  test(`a first length of ${length} is refused with its reason`, () => {
    const { splitter, frames } = collect()
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length)
    assert.match(splitter.push(prefix, false) ?? '', expected)
    assert.deepEqual(frames, [])
  })
}

test('the limit of the first frame ends with the first frame', () => {
  const { splitter, frames } = collect()
  assert.equal(splitter.push(frame(Buffer.alloc(10)), false), undefined)
  assert.equal(splitter.push(frame(Buffer.alloc(1000)), false), undefined)
  assert.equal(frames.length, 2)
})

test('a sink that holds gets the rest on resume, and nothing before', () => {
  let held = true
  const sizes: number[] = []
  const splitter = new FrameSplitter({
    limits,
    sink: (_, sizeBytes) => {
      sizes.push(sizeBytes)
      return held ? 'hold' : 'continue'
    },
  })
  const stream = Buffer.concat([1, 2, 3, 4].map((size) => frame(Buffer.alloc(size))))
  splitter.push(stream.subarray(0, 20), false)
  splitter.push(stream.subarray(20), false)
  assert.deepEqual(sizes, [1])
  splitter.resume()
  assert.deepEqual(sizes, [1, 2])
  held = false
  splitter.resume()
  assert.deepEqual(sizes, [1, 2, 3, 4])
  assert.equal(splitter.waitingBytes, 0)
})
