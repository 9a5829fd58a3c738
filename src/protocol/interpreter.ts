// The codec by interpretation of the schema: for where code must not be made at run time (a browser's
// content policy), and as the oracle of the compiled one, with the same messages for the same faults.
import type { Codec } from './codec-types.js'
import { readPrimitive, writePrimitive } from './primitives.js'
import { ProtocolError } from './protocol-error.js'
import type { FrameReader } from './reader.js'
import {
  type Api,
  type ArrayType,
  type Draft,
  type Field,
  type Fields,
  type Infer,
  inVersion,
  type StructType,
  takesNull,
  type WireType,
} from './schema.js'
import { checkVersion, isDefault, minimumBytes, type Version } from './wire-facts.js'
import type { FrameWriter } from './writer.js'

/** Throws ProtocolError for a version that the API does not have. */
export function interpreterFor<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
): Codec<Q, S> {
  checkVersion(api, version)
  const at = { version, flexible: version >= api.flexible }
  const request = { type: api.requestType, at, title: `${api.name} request v${version}` }
  const response = { type: api.responseType, at, title: `${api.name} response v${version}` }
  return {
    api,
    version,
    decodeRequest: (reader) => decode(request, reader) as Infer<Q>,
    encodeRequest: (writer, draft: Draft<Q>) => encode(request, writer, draft),
    decodeResponse: (reader) => decode(response, reader) as Infer<S>,
    encodeResponse: (writer, draft: Draft<S>) => encode(response, writer, draft),
  }
}

interface Message {
  readonly type: StructType
  readonly at: Version
  readonly title: string
}

/** The object that a struct is, seen without its type. */
type Values = { readonly [name: string]: unknown }

function decode(message: Message, reader: FrameReader): unknown {
  try {
    return readStruct(reader, message.type, message.at)
  } catch (error) {
    if (error instanceof ProtocolError) throw error.locate(message.title, error.field)
    throw error
  }
}

function encode(message: Message, writer: FrameWriter, draft: Values): void {
  try {
    writeStruct(writer, message.type, draft, message.at)
  } catch (error) {
    if (error instanceof ProtocolError) throw error.locate(message.title, error.field)
    throw error
  }
}

/** Runs `act`; an error of it happened inside the field `name`. */
function inside<T>(name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof ProtocolError) {
      const separator = error.field === '' || error.field.startsWith('[]') ? '' : '.'
      error.field = `${name}${separator}${error.field}`
    }
    throw error
  }
}

function readStruct(reader: FrameReader, type: StructType, at: Version): unknown {
  const value: Record<string, unknown> = {}
  for (const field of type.fields) {
    value[field.name] =
      field.tag === undefined && inVersion(field, at.version)
        ? inside(field.name, () => readValue(reader, field.type, at))
        : field.default
  }
  if (at.flexible) readTagged(reader, type, at, value)
  return value
}

function readTagged(
  reader: FrameReader,
  type: StructType,
  at: Version,
  value: Record<string, unknown>,
): void {
  const known = taggedIn(type, at)
  let count = inside('taggedFields', () => reader.readUnsignedVarint())
  for (; count > 0; count--) {
    const tag = inside('taggedFields', () => reader.readUnsignedVarint())
    const end = inside('taggedFields', () => reader.readTaggedEnd())
    const field = known.find((candidate) => candidate.tag === tag)
    if (field === undefined) {
      reader.skipTo(end)
      continue
    }
    value[field.name] = inside(field.name, () => {
      const read = readValue(reader, field.type, at)
      reader.expectTaggedEnd(end)
      return read
    })
  }
}

function taggedIn(type: StructType, at: Version): readonly Field[] {
  return type.fields
    .filter((field) => field.tag !== undefined && inVersion(field, at.version))
    .sort((left, right) => (left.tag ?? 0) - (right.tag ?? 0))
}

function readValue(reader: FrameReader, type: WireType, at: Version): unknown {
  switch (type.kind) {
    case 'struct':
      return readStruct(reader, type, at)
    case 'nullableStruct':
      return reader.readPresence() ? readStruct(reader, type, at) : notNull(type, at, null)
    case 'array':
    case 'nullableArray':
      return readArray(reader, type, at)
    default:
      return notNull(type, at, readPrimitive[type.kind](reader, at.flexible))
  }
}

/** Passes `value` on unless it is a null that the version does not allow. */
function notNull<T>(type: WireType, at: Version, value: T): T {
  if (value === null && !takesNull(type, at.version)) {
    throw new ProtocolError('null is not allowed')
  }
  return value
}

function readArray(reader: FrameReader, type: ArrayType, at: Version): unknown {
  const minimum = minimumBytes(type.element, at)
  const nullable = type.kind === 'nullableArray'
  const count = at.flexible
    ? nullable
      ? reader.readCompactNullableArrayLength(minimum)
      : reader.readCompactArrayLength(minimum)
    : nullable
      ? reader.readNullableArrayLength(minimum)
      : reader.readArrayLength(minimum)
  if (count === -1) return notNull(type, at, null)
  return inside('[]', () => {
    const elements: unknown[] = []
    for (let index = 0; index < count; index++) elements.push(readValue(reader, type.element, at))
    return elements
  })
}

function writeStruct(writer: FrameWriter, type: StructType, value: Values, at: Version): void {
  for (const field of type.fields) {
    if (field.tag !== undefined || !inVersion(field, at.version)) continue
    inside(field.name, () => writeValue(writer, field.type, valueIn(value, field), at))
  }
  if (!at.flexible) return
  const present = taggedIn(type, at).filter(
    (field) => !isDefault(field.type, valueIn(value, field), field.default),
  )
  writer.writeUnsignedVarint(present.length)
  for (const field of present) {
    const begun = writer.beginTagged(field.tag ?? 0)
    inside(field.name, () => writeValue(writer, field.type, valueIn(value, field), at))
    writer.endTagged(begun)
  }
}

function valueIn(value: Values, field: Field): unknown {
  const given = value[field.name]
  return given === undefined ? field.default : given
}

function writeValue(writer: FrameWriter, type: WireType, value: unknown, at: Version): void {
  notNull(type, at, value)
  switch (type.kind) {
    case 'struct':
      writeStruct(writer, type, value as Values, at)
      break
    case 'nullableStruct':
      writer.writePresence(value !== null)
      if (value !== null) writeStruct(writer, type, value as Values, at)
      break
    case 'array':
    case 'nullableArray':
      writeArray(writer, type, value as readonly unknown[] | null, at)
      break
    default:
      writePrimitive[type.kind](writer, value, at.flexible)
  }
}

function writeArray(
  writer: FrameWriter,
  type: ArrayType,
  value: readonly unknown[] | null,
  at: Version,
): void {
  const count = value === null ? -1 : value.length
  if (at.flexible) writer.writeCompactArrayLength(count)
  else writer.writeArrayLength(count)
  inside('[]', () => {
    for (const element of value ?? []) writeValue(writer, type.element, element, at)
  })
}
