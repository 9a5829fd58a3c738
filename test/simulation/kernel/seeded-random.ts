// All chance of a simulation: sfc32 (Chris Doty-Humphrey), seeded from a text.
import type { Random } from '../../../src/base/random.js'

export class SeededRandom implements Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  constructor(readonly seed: string) {
    this.a = hashOf(seed, 0x9e3779b9)
    this.b = hashOf(seed, 0x243f6a88)
    this.c = hashOf(seed, 0xb7e15162)
    for (let round = 0; round < 15; round++) this.word()
  }

  /** A stream of its own: what one part draws never shifts what another part draws. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.seed}/${name}`)
  }

  /** 32 bits. */
  word(): number {
    const sum = (this.a + this.b + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  next(): number {
    return this.word() / 0x1_0000_0000
  }

  bytes(sizeBytes: number): Uint8Array {
    return Uint8Array.from({ length: sizeBytes }, () => this.word() & 0xff)
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** A whole number in [0, below). */
  integer(below: number): number {
    return Math.floor(this.next() * below)
  }

  /** Draws nothing when the answer is certain. */
  chance(probability: number): boolean {
    return probability > 0 && (probability >= 1 || this.next() < probability)
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[this.integer(items.length)]
  }
}

function hashOf(text: string, basis: number): number {
  let hash = basis | 0
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    hash ^= hash >>> 15
  }
  return hash
}
