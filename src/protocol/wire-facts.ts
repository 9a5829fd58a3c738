// What follows from a schema, needed by the compiled and the interpreted codec alike.
import { ProtocolError } from './protocol-error.js'
import { type Api, inVersion, type StructType, type WireType } from './schema.js'

/** A version of an API, and how it is encoded. */
export interface Version {
  readonly version: number
  readonly flexible: boolean
}

export function checkVersion(api: Pick<Api, 'name' | 'versions'>, version: number): void {
  const [first, last] = api.versions
  if (Number.isInteger(version) && first <= version && version <= last) return
  throw new ProtocolError(`${api.name} has the versions ${first} to ${last}, not ${version}`)
}

const FIXED_BYTES: Readonly<Record<string, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  clampedInt64: 8,
  float64: 8,
  uuid: 16,
  nullableStruct: 1,
}

/** The least that a value takes on the wire; never 0, so that it bounds the count of an array. */
export function minimumBytes(type: WireType, at: Version): number {
  const fixed = FIXED_BYTES[type.kind]
  if (fixed !== undefined) return fixed
  if (type.kind === 'struct') return minimumStructBytes(type, at)
  if (at.flexible) return 1
  return type.kind === 'string' || type.kind === 'nullableString' ? 2 : 4
}

function minimumStructBytes(type: StructType, at: Version): number {
  let sizeBytes = at.flexible ? 1 : 0
  for (const field of type.fields) {
    if (field.tag === undefined && inVersion(field, at.version)) {
      sizeBytes += minimumBytes(field.type, at)
    }
  }
  return Math.max(1, sizeBytes)
}

/** True if a tagged field's value need not be written. */
export function isDefault(type: WireType, value: unknown, otherwise: unknown): boolean {
  if (value === otherwise) return true
  if (value === null || otherwise === null) return false
  if (Array.isArray(value)) {
    return value.length === 0 && Array.isArray(otherwise) && otherwise.length === 0
  }
  if (value instanceof Uint8Array) {
    return value.byteLength === 0 && otherwise instanceof Uint8Array && otherwise.byteLength === 0
  }
  if (type.kind !== 'struct' && type.kind !== 'nullableStruct') return false
  const given = value as Readonly<Record<string, unknown>>
  const expected = otherwise as Readonly<Record<string, unknown>>
  return type.fields.every((field) => {
    const value = given[field.name]
    return isDefault(field.type, value === undefined ? field.default : value, expected[field.name])
  })
}
