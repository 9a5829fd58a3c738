// Which method of the reader and the writer a primitive type is, for the interpreter.
import type { FrameReader } from './reader.js'
import type { PrimitiveKind } from './schema.js'
import type { FrameWriter } from './writer.js'

type ReadPrimitive = (reader: FrameReader, flexible: boolean) => unknown
type WritePrimitive = (writer: FrameWriter, value: unknown, flexible: boolean) => void

export const readPrimitive: Readonly<Record<PrimitiveKind, ReadPrimitive>> = {
  bool: (r) => r.readBool(),
  int8: (r) => r.readInt8(),
  int16: (r) => r.readInt16(),
  uint16: (r) => r.readUint16(),
  int32: (r) => r.readInt32(),
  uint32: (r) => r.readUint32(),
  int64: (r) => r.readInt64(),
  clampedInt64: (r) => r.readClampedInt64(),
  float64: (r) => r.readFloat64(),
  uuid: (r) => r.readUuid(),
  string: (r, flexible) => (flexible ? r.readCompactString() : r.readString()),
  nullableString: (r, flexible) =>
    flexible ? r.readCompactNullableString() : r.readNullableString(),
  bytes: (r, flexible) => (flexible ? r.readCompactBytes() : r.readBytes()),
  nullableBytes: (r, flexible) => (flexible ? r.readCompactNullableBytes() : r.readNullableBytes()),
  records: (r, flexible) => (flexible ? r.readCompactRecords() : r.readRecords()),
}

export const writePrimitive: Readonly<Record<PrimitiveKind, WritePrimitive>> = {
  bool: (w, value) => w.writeBool(value as boolean),
  int8: (w, value) => w.writeInt8(value as number),
  int16: (w, value) => w.writeInt16(value as number),
  uint16: (w, value) => w.writeUint16(value as number),
  int32: (w, value) => w.writeInt32(value as number),
  uint32: (w, value) => w.writeUint32(value as number),
  int64: (w, value) => w.writeInt64(value as number),
  clampedInt64: (w, value) => w.writeClampedInt64(value as number),
  float64: (w, value) => w.writeFloat64(value as number),
  uuid: (w, value) => w.writeUuid(value as string),
  string: (w, value, flexible) =>
    flexible ? w.writeCompactString(value as string) : w.writeString(value as string),
  nullableString: (w, value, flexible) =>
    flexible
      ? w.writeCompactNullableString(value as string | null)
      : w.writeNullableString(value as string | null),
  bytes: (w, value, flexible) =>
    flexible ? w.writeCompactBytes(value as Uint8Array) : w.writeBytes(value as Uint8Array),
  nullableBytes: (w, value, flexible) =>
    flexible
      ? w.writeCompactNullableBytes(value as Uint8Array | null)
      : w.writeNullableBytes(value as Uint8Array | null),
  records: (w, value, flexible) =>
    flexible
      ? w.writeCompactRecords(value as readonly Uint8Array[] | null)
      : w.writeRecords(value as readonly Uint8Array[] | null),
}
