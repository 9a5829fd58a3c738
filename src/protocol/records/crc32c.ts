// CRC-32C (Castagnoli, RFC 3720 appendix B.4) by eight tables, eight bytes a step: for where the
// processor's instruction cannot be reached, such as a browser.
const POLYNOMIAL = 0x82f63b78
const TABLES = 8

/** tables[256 * n + byte] advances `byte` by n more zero bytes. */
const tables = makeTables()

/** Of `bytes` from `start` to the end. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const table = tables
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.byteLength
  let crc = -1
  let at = start
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      entry(table, 7, low) ^
      entry(table, 6, low >>> 8) ^
      entry(table, 5, low >>> 16) ^
      entry(table, 4, low >>> 24) ^
      entry(table, 3, high) ^
      entry(table, 2, high >>> 8) ^
      entry(table, 1, high >>> 16) ^
      entry(table, 0, high >>> 24)
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(table, 0, crc ^ view.getUint8(at))
  return ~crc >>> 0
}

function entry(table: Int32Array, index: number, byte: number): number {
  return table[256 * index + (byte & 0xff)] ?? 0
}

function makeTables(): Int32Array {
  const made = new Int32Array(256 * TABLES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[byte] = crc
  }
  for (let index = 256; index < 256 * TABLES; index++) {
    const crc = made[index - 256] ?? 0
    made[index] = (crc >>> 8) ^ (made[crc & 0xff] ?? 0)
  }
  return made
}
