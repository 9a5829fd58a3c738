// The requests Millrace sends to ZooKeeper and how their answers are read. Only what the store needs.
import { JuteReader, JuteWriter } from './jute.js'

export const XID_EVENT = -1
export const XID_PING = -2

/** Undefined: the answer is damaged. */
export type Decode<T> = (body: JuteReader) => T | undefined

export interface Request<T> {
  readonly type: number
  readonly body: Uint8Array
  readonly decode: Decode<T>
}

/** Of a znode; the names are ZooKeeper's own. */
export interface Stat {
  /** The transaction that last changed its data, or made it. */
  readonly mzxid: bigint
  /** Of its data; begins with 0 whenever it is made. */
  readonly version: number
  /** The session it belongs to; 0n: none. */
  readonly ephemeralOwner: bigint
  readonly dataLength: number
  readonly numChildren: number
}

export interface NodeData {
  readonly data: Uint8Array
  readonly stat: Stat
}

export interface ConnectRequest {
  readonly lastZxid: bigint
  readonly timeoutMs: number
  readonly sessionId: bigint
  readonly password: Uint8Array
}

export interface ConnectAnswer {
  /** 0: the session has expired. */
  readonly timeoutMs: number
  readonly sessionId: bigint
  readonly password: Uint8Array
}

export interface ReplyHeader {
  readonly xid: number
  readonly zxid: bigint
  readonly error: number
}

export function encodeConnect(request: ConnectRequest): Uint8Array {
  return new JuteWriter()
    .int(0)
    .long(request.lastZxid)
    .int(request.timeoutMs)
    .long(request.sessionId)
    .buffer(request.password)
    .boolean(false)
    .finish()
}

export function decodeConnect(frame: Uint8Array): ConnectAnswer | undefined {
  const reader = new JuteReader(frame)
  reader.int()
  const timeoutMs = reader.int()
  const sessionId = reader.long()
  const password = reader.buffer()
  return reader.damaged ? undefined : { timeoutMs, sessionId, password }
}

export function encodeRequest(xid: number, type: number, body: Uint8Array): Uint8Array {
  return new JuteWriter().int(xid).int(type).raw(body).finish()
}

export function decodeReplyHeader(reader: JuteReader): ReplyHeader | undefined {
  const header = { xid: reader.int(), zxid: reader.long(), error: reader.int() }
  return reader.damaged ? undefined : header
}

/** The path of a node that was made, changed or deleted; '' when the event is about none. */
export const decodeEvent: Decode<string> = (body) => {
  body.int()
  body.int()
  return whole(body, body.string())
}

export const PING: Request<undefined> = {
  type: 11,
  body: new Uint8Array(0),
  decode: () => undefined,
}

export const closeSession: Request<true> = {
  type: -11,
  body: new Uint8Array(0),
  decode: () => true,
}

export function getData(path: string): Request<NodeData> {
  const body = new JuteWriter().string(path).boolean(false).finish()
  return {
    type: 4,
    body,
    decode: (reader) => {
      const data = reader.buffer()
      const stat = decodeStat(reader)
      return whole(reader, { data, stat })
    },
  }
}

export function exists(path: string): Request<Stat> {
  const body = new JuteWriter().string(path).boolean(false).finish()
  return { type: 3, body, decode: (reader) => whole(reader, decodeStat(reader)) }
}

export function getChildren(path: string): Request<readonly string[]> {
  const body = new JuteWriter().string(path).boolean(false).finish()
  return { type: 8, body, decode: (reader) => whole(reader, reader.strings()) }
}

/** Events of the node and all below it, until the connection ends (ZooKeeper 3.6). */
export function watchTree(path: string): Request<true> {
  const body = new JuteWriter().string(path).int(1).finish()
  return { type: 106, body, decode: () => true }
}

export function decodeStat(reader: JuteReader): Stat {
  reader.long()
  const mzxid = reader.long()
  reader.long()
  reader.long()
  const version = reader.int()
  reader.int()
  reader.int()
  const ephemeralOwner = reader.long()
  const dataLength = reader.int()
  const numChildren = reader.int()
  reader.long()
  return { mzxid, version, ephemeralOwner, dataLength, numChildren }
}

export function whole<T>(reader: JuteReader, value: T): T | undefined {
  return reader.damaged ? undefined : value
}
