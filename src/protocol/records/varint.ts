// Zigzag varints of records: 0, -1, 1, -2 … become 0, 1, 2, 3 …, seven bits a byte, lowest first.
// Beyond 31 bits the arithmetic is that of numbers: exact for what a safe integer doubles to.

/** Bytes that `value` takes: any integer whose double is safe. */
export function varintBytes(value: number): number {
  let rest = zigzag(value)
  let sizeBytes = 1
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) sizeBytes++
  for (; rest >= 0x80; rest >>>= 7) sizeBytes++
  return sizeBytes
}

/** Returns the position behind the written bytes; the caller made room. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = zigzag(value)
  let position = at
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 0x80)) {
    into[position++] = (rest % 0x80) | 0x80
  }
  for (; rest >= 0x80; rest >>>= 7) into[position++] = (rest & 0x7f) | 0x80
  into[position++] = rest
  return position
}

function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1
}
