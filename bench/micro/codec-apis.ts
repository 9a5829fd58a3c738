// What the codec costs for every API there is a schema for: its newest version, requests and responses,
// read and written. A message is filled from its schema: three elements an array, one batch of 1 KiB
// where records belong, no tagged field. codec.ts has the same for the busiest APIs beside the interpreter.
import { do_not_optimize, measure } from 'mitata'
import { type Codec, codecFor } from '../../src/protocol/codec.js'
import { apis } from '../../src/protocol/messages/api-table.js'
import { FrameReader } from '../../src/protocol/reader.js'
import {
  type Api,
  type Fields,
  inVersion,
  type PrimitiveKind,
  type StructType,
  type WireType,
} from '../../src/protocol/schema.js'
import { FrameWriter } from '../../src/protocol/writer.js'

type AnyCodec = Codec<Fields, Fields>
type Draft = Parameters<AnyCodec['encodeRequest']>[1]

const ARRAY_ELEMENTS = 3
const batch = new Uint8Array(1024)
const measuring = { min_cpu_time: 20_000_000, batch_samples: 256 }

const typical: Readonly<Record<PrimitiveKind, unknown>> = {
  bool: true,
  int8: 1,
  int16: 3,
  uint16: 9092,
  int32: 1_000_000,
  uint32: 1_000_000,
  int64: 5_000_000_000,
  clampedInt64: 5_000_000_000,
  float64: 0.5,
  uuid: 'yPxrm_-6TX-Wz34lAhVb1g',
  string: 'orders-eu-1',
  nullableString: 'orders-eu-1',
  bytes: new Uint8Array(32),
  nullableBytes: new Uint8Array(32),
  records: [batch],
}

function filled(type: WireType, version: number): unknown {
  switch (type.kind) {
    case 'struct':
    case 'nullableStruct':
      return filledStruct(type, version)
    case 'array':
    case 'nullableArray':
      return Array.from({ length: ARRAY_ELEMENTS }, () => filled(type.element, version))
    default:
      return typical[type.kind]
  }
}

function filledStruct(type: StructType, version: number): Record<string, unknown> {
  return Object.fromEntries(
    type.fields
      .filter((field) => field.tag === undefined && inVersion(field, version))
      .map((field) => [field.name, filled(field.type, version)]),
  )
}

interface Direction {
  encode(writer: FrameWriter): void
  decode(reader: FrameReader): unknown
}

function directions(api: Api, version: number): readonly [Direction, Direction] {
  const codec: AnyCodec = codecFor(api, version)
  const request = filledStruct(api.requestType, version) as Draft
  const response = filledStruct(api.responseType, version) as Draft
  return [
    {
      encode: (writer) => codec.encodeRequest(writer, request),
      decode: (reader) => codec.decodeRequest(reader),
    },
    {
      encode: (writer) => codec.encodeResponse(writer, response),
      decode: (reader) => codec.decodeResponse(reader),
    },
  ]
}

/** Columns: the size, the time to read it, the time to write it. */
async function measured({ encode, decode }: Direction): Promise<readonly string[]> {
  const write = () => {
    const writer = new FrameWriter()
    encode(writer)
    return writer.finish()
  }
  const frame = new Uint8Array(Buffer.concat(write().chunks))
  const reading = await measure(() => do_not_optimize(decode(new FrameReader([frame]))), measuring)
  const writing = await measure(() => do_not_optimize(write()), measuring)
  return [`${frame.length} B`, microseconds(reading.p50), microseconds(writing.p50)]
}

function microseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1000).toFixed(2)} µs`
}

function line(name: string, cells: readonly string[]): string {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(12)).join('')}\n`
}

/** The newest version that clients are offered. */
function newest(api: Api): number {
  const [first, last] = api.versions
  return api.unstable === undefined ? last : Math.max(first, Math.min(last, api.unstable - 1))
}

process.stdout.write('Codec per API, newest version; the median time of a message\n')
process.stdout.write(line('', ['request', 'read', 'written', 'response', 'read', 'written']))
for (const api of apis) {
  const version = newest(api)
  const [request, response] = directions(api, version)
  const cells = [...(await measured(request)), ...(await measured(response))]
  process.stdout.write(line(`${api.name} v${version}`, cells))
}
