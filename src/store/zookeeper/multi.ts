// ZooKeeper's transaction: operations that are all applied, or none.
import { type JuteReader, JuteWriter } from './jute.js'
import { decodeStat, type Request } from './messages.js'

export type MultiOperation =
  | {
      readonly type: 'create'
      readonly path: string
      readonly data: Uint8Array
      readonly ephemeral: boolean
    }
  | {
      readonly type: 'setData'
      readonly path: string
      readonly data: Uint8Array
      readonly version: number
    }
  | { readonly type: 'delete'; readonly path: string; readonly version: number }
  /** Holds when the node exists and its data has this version. */
  | { readonly type: 'check'; readonly path: string; readonly version: number }

/** Or the code of the one operation that kept all of them from being applied. */
export type MultiResult =
  /** `zxid`: of the transaction; 0n when it set no data. */
  | { readonly applied: true; readonly zxid: bigint }
  | { readonly applied: false; readonly code: number }

export const ANY_VERSION = -1

const TYPES = { create: 1, delete: 2, setData: 5, check: 13 } as const
const ERROR = -1
const ALL_PERMISSIONS = 31
const EPHEMERAL_FLAG = 1

export function multi(operations: readonly MultiOperation[]): Request<MultiResult> {
  const writer = new JuteWriter()
  for (const operation of operations) {
    writer.int(TYPES[operation.type]).boolean(false).int(-1)
    encodeOperation(writer, operation)
  }
  writer.int(-1).boolean(true).int(-1)
  return {
    type: 14,
    body: writer.finish(),
    decode: (reader) => decodeResults(reader, operations.length),
  }
}

function encodeOperation(writer: JuteWriter, operation: MultiOperation): void {
  writer.string(operation.path)
  switch (operation.type) {
    case 'create':
      writer.buffer(operation.data)
      writer.int(1).int(ALL_PERMISSIONS).string('world').string('anyone')
      writer.int(operation.ephemeral ? EPHEMERAL_FLAG : 0)
      return
    case 'setData':
      writer.buffer(operation.data).int(operation.version)
      return
    case 'delete':
    case 'check':
      writer.int(operation.version)
      return
  }
}

// Of a transaction that failed every result is an error: 0 before the operation that is to blame, its
// code, and a code that says nothing for those behind it.
function decodeResults(reader: JuteReader, count: number): MultiResult | undefined {
  const codes: number[] = []
  let failed = false
  let zxid = 0n
  for (let type = reader.int(); !reader.boolean() && !reader.damaged; type = reader.int()) {
    reader.int()
    const result = decodeResult(reader, type)
    if (result === undefined) return undefined
    if (type === ERROR) failed = true
    if (result.mzxid > zxid) zxid = result.mzxid
    codes.push(result.code)
  }
  reader.int()
  if (reader.damaged || codes.length !== count) return undefined
  if (!failed) return { applied: true, zxid }
  const code = codes.find((each) => each !== 0)
  return code === undefined ? undefined : { applied: false, code }
}

interface OneResult {
  readonly code: number
  /** Of the node that was changed. */
  readonly mzxid: bigint
}

/** Undefined for a type that was not asked for. */
function decodeResult(reader: JuteReader, type: number): OneResult | undefined {
  switch (type) {
    case ERROR:
      return { code: reader.int(), mzxid: 0n }
    case TYPES.create:
      reader.string()
      return { code: 0, mzxid: 0n }
    case TYPES.setData:
      return { code: 0, mzxid: decodeStat(reader).mzxid }
    case TYPES.delete:
    case TYPES.check:
      return { code: 0, mzxid: 0n }
    default:
      return undefined
  }
}
