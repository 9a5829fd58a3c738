// Any message that a schema allows in one version: what fast-check fills a struct with.
import fc from 'fast-check'
import {
  type Field,
  inVersion,
  type PrimitiveKind,
  type StructType,
  takesNull,
  type WireType,
} from '../../../src/protocol/schema.js'
import { ZERO_UUID } from '../../../src/protocol/uuid.js'

/** Values of every field of the version, defaults for the others, as decoding would return them. */
export function arbitraryStruct(type: StructType, version: number): fc.Arbitrary<unknown> {
  return fc.record(
    Object.fromEntries(type.fields.map((field) => [field.name, arbitraryField(field, version)])),
    { noNullPrototype: true },
  )
}

function arbitraryField(field: Field, version: number): fc.Arbitrary<unknown> {
  if (!inVersion(field, version)) return fc.constant(field.default)
  const value = arbitraryValue(field.type, version)
  return field.default === undefined ? value : fc.oneof(value, fc.constant(field.default))
}

function arbitraryValue(type: WireType, version: number): fc.Arbitrary<unknown> {
  const value = arbitraryNotNull(type, version)
  if (type.kind === 'records' || !takesNull(type, version)) return value
  return fc.option(value, { freq: 4 })
}

function arbitraryNotNull(type: WireType, version: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'array':
    case 'nullableArray':
      return fc.array(arbitraryValue(type.element, version), { maxLength: 3 })
    case 'struct':
    case 'nullableStruct':
      return arbitraryStruct(type, version)
    default:
      return primitives[type.kind]
  }
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ minLength: 60, maxLength: 140 }),
)
const bytes = fc.uint8Array({ maxLength: 200 })
const uuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((id) => Buffer.from(id).toString('base64url'))

const primitives: Readonly<Record<PrimitiveKind, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: fc.integer(),
  uint32: fc.integer({ min: 0, max: 4_294_967_295 }),
  int64: fc.oneof(fc.maxSafeInteger(), fc.integer()),
  clampedInt64: fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -1),
  ),
  float64: fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  uuid: fc.oneof(uuid, fc.constant(ZERO_UUID)),
  string: text,
  nullableString: text,
  bytes,
  nullableBytes: bytes,
  records: fc.option(fc.array(bytes, { maxLength: 3 })),
}
