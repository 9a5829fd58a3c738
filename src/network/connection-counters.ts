// How many connections the process has, and how many per peer address: one shared array for all io
// workers. Addresses share counters by hash, so a collision can only refuse earlier, never later.
import type { NetworkLimits } from './limits.js'

const ADDRESS_SLOTS = 8192

export class ConnectionCounters {
  static readonly sizeBytes = (1 + ADDRESS_SLOTS) * Int32Array.BYTES_PER_ELEMENT
  private readonly counts: Int32Array

  constructor(shared: SharedArrayBuffer) {
    this.counts = new Int32Array(shared)
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(ConnectionCounters.sizeBytes)
  }

  get total(): number {
    return Atomics.load(this.counts, 0)
  }

  /** Counts a connection in, or says why not. */
  enter(
    address: string,
    limits: Pick<NetworkLimits, 'maxConnections' | 'maxConnectionsPerAddress'>,
  ): string | undefined {
    if (Atomics.add(this.counts, 0, 1) >= limits.maxConnections) {
      Atomics.sub(this.counts, 0, 1)
      return `${limits.maxConnections} connections are open, the most there may be (max.connections)`
    }
    const slot = slotOf(address)
    if (slot === undefined) return undefined
    if (Atomics.add(this.counts, slot, 1) >= limits.maxConnectionsPerAddress) {
      Atomics.sub(this.counts, slot, 1)
      Atomics.sub(this.counts, 0, 1)
      return `${limits.maxConnectionsPerAddress} connections are open from ${address}, the most there may be from one address`
    }
    return undefined
  }

  leave(address: string): void {
    Atomics.sub(this.counts, 0, 1)
    const slot = slotOf(address)
    if (slot !== undefined) Atomics.sub(this.counts, slot, 1)
  }
}

/** undefined: loopback, which has no cap of its own. */
function slotOf(address: string): number | undefined {
  if (isLoopbackAddress(address)) return undefined
  let hash = 0x811c9dc5
  for (let i = 0; i < address.length; i++) {
    hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193)
  }
  return 1 + ((hash >>> 0) % ADDRESS_SLOTS)
}

export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '')
  return plain.startsWith('127.') || plain === '::1' || plain === '0:0:0:0:0:0:0:1'
}
