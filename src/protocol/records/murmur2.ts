// The hash by which Kafka's own producers choose a partition for a key (murmur2, Kafka's seed), so
// that records of one key meet in one partition whoever wrote them.
const SEED = 0x9747b28c
const MIX = 0x5bd1e995

/** A signed 32-bit hash, as Kafka's Utils.murmur2. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.byteLength
  const view = new DataView(bytes.buffer, bytes.byteOffset, length)
  let hash = SEED ^ length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    let word = Math.imul(view.getInt32(at, true), MIX)
    word = Math.imul(word ^ (word >>> 24), MIX)
    hash = Math.imul(hash, MIX) ^ word
  }
  const left = length - at
  if (left >= 3) hash ^= view.getUint8(at + 2) << 16
  if (left >= 2) hash ^= view.getUint8(at + 1) << 8
  if (left >= 1) hash = Math.imul(hash ^ view.getUint8(at), MIX)
  hash = Math.imul(hash ^ (hash >>> 13), MIX)
  return hash ^ (hash >>> 15)
}

/** The partition, of `partitions` many, that records with this key belong to. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fff_ffff) % partitions
}
