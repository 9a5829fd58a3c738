// About what a decoded message takes on V8's heap: 8 bytes a slot, 24 an object, 32 an array or a
// string beside its text, 100 a view.
export function heldBytes(value: unknown): number {
  if (typeof value === 'string') return 32 + 2 * value.length
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : 16
  if (typeof value !== 'object' || value === null) return 0
  // A default is shared by all messages and frozen.
  if (Object.isFrozen(value)) return 0
  if (value instanceof Uint8Array) return 100 + value.byteLength
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return parts.reduce(
    (sum: number, part) => sum + 8 + heldBytes(part),
    Array.isArray(value) ? 32 : 24,
  )
}
