// shell: one millrace.v1 connection that produces as fast as its credit allows, in a process of its own.
// Prints one line of JSON.
// Usage: node websocket-load.js URL TOPIC record|batch COUNT    (COUNT records; in batch mode 64 a frame)
import { WebSocket } from 'ws'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import { RecordBatchBuilder } from '../../../src/protocol/records/record-batch-builder.js'

const HEADER_BYTES = 16
const PRODUCE_BATCH = 0x01
const PRODUCE_RECORD = 0x02
const RECORD_BYTES = 100
const BATCH_RECORDS = 64
/** With its framing, 64 of them make a batch of 64 KiB. */
const BATCH_RECORD_BYTES = 1014
/** Positions within a record batch (format v2). */
const CRC_AT = 17
const CRC_FROM = 21
const BASE_SEQUENCE_AT = 53

interface Identity {
  readonly producerId: number
  readonly epoch: number
}
interface Credit {
  readonly bytes: number
  readonly records: number
}
interface Message {
  readonly type: string
  readonly id?: number | string
  readonly identity?: Identity
  readonly credit?: Credit
  readonly sequence?: number
}
/** A frame that is sent again and again, numbered anew each time. */
interface Frame {
  readonly bytes: Buffer
  readonly records: number
  readonly payloadBytes: number
  setSequence(sequence: number): void
}

function header(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt8(type, 0)
  bytes.writeUInt32BE(1, 4)
  bytes.writeUInt32BE(length, 12)
  return bytes
}

function recordFrame(): Frame {
  const body = Buffer.alloc(16 + RECORD_BYTES, 'x')
  body.writeBigInt64BE(-1n, 4)
  body.writeInt32BE(-1, 12)
  const bytes = Buffer.concat([header(PRODUCE_RECORD, body.length), body])
  return {
    bytes,
    records: 1,
    payloadBytes: RECORD_BYTES,
    setSequence: (sequence) => bytes.writeInt32BE(sequence, HEADER_BYTES),
  }
}

function batchFrame({ producerId, epoch }: Identity): Frame {
  const builder = new RecordBatchBuilder()
  const value = Buffer.alloc(BATCH_RECORD_BYTES, 'x')
  for (let index = 0; index < BATCH_RECORDS; index++) builder.append(null, value, [], Date.now())
  const batch = builder.build({ producerId, producerEpoch: epoch, baseSequence: 0 })
  const bytes = Buffer.concat([header(PRODUCE_BATCH, batch.length), batch])
  const base = HEADER_BYTES
  const checksum = (sequence: number) => {
    bytes.writeInt32BE(sequence, base + BASE_SEQUENCE_AT)
    return crc32c(bytes.subarray(base + CRC_FROM)) >>> 0
  }
  // A CRC is linear: each bit of the sequence flips the same bits of it, whatever the other bits are.
  // So numbering a batch anew costs a few exclusive-ors instead of a walk over 64 KiB.
  const zero = checksum(0)
  const flips = Array.from({ length: 31 }, (_, bit) => checksum(2 ** bit) ^ zero)
  return {
    bytes,
    records: BATCH_RECORDS,
    payloadBytes: BATCH_RECORDS * BATCH_RECORD_BYTES,
    setSequence: (sequence) => {
      let crc = zero
      for (let rest = sequence, bit = 0; rest !== 0; rest >>>= 1, bit++) {
        if (rest & 1) crc ^= flips[bit] ?? 0
      }
      bytes.writeInt32BE(sequence, base + BASE_SEQUENCE_AT)
      bytes.writeUInt32BE(crc >>> 0, base + CRC_AT)
    },
  }
}

class Load {
  private frame: Frame | undefined
  private credit = { bytes: 0, records: 0 }
  private sent = 0
  private begunMs = 0

  constructor(
    private readonly socket: WebSocket,
    private readonly mode: string,
    private readonly count: number,
  ) {}

  onMessage(message: Message): void {
    if (message.type === 'ping') this.socket.send(JSON.stringify({ type: 'pong', id: message.id }))
    else if (message.type === 'opened') this.begin(message)
    else if (message.type === 'ack') this.onAck(message)
    else if (message.type === 'error') throw new Error(`error: ${JSON.stringify(message)}`)
  }

  private begin({ identity, credit }: Message): void {
    if (!identity || !credit) throw new Error('opened without identity or credit')
    this.frame = this.mode === 'batch' ? batchFrame(identity) : recordFrame()
    this.grant(credit)
    this.begunMs = performance.now()
    this.send(this.frame)
  }

  private onAck({ sequence = -1, credit }: Message): void {
    if (credit) this.grant(credit)
    if (!this.frame) return
    if (sequence + 1 >= this.count) this.finish(sequence + 1, this.frame)
    else this.send(this.frame)
  }

  private grant(credit: Credit): void {
    this.credit.bytes += credit.bytes
    this.credit.records += credit.records
  }

  private send(frame: Frame): void {
    while (
      this.sent < this.count &&
      this.credit.bytes >= frame.bytes.length &&
      this.credit.records >= frame.records
    ) {
      frame.setSequence(this.sent)
      this.socket.send(Buffer.from(frame.bytes)) // its own copy: it may wait in the socket
      this.sent += frame.records
      this.credit.bytes -= frame.bytes.length
      this.credit.records -= frame.records
    }
  }

  private finish(acknowledged: number, frame: Frame): void {
    const seconds = (performance.now() - this.begunMs) / 1000
    const bytes = (acknowledged / frame.records) * frame.payloadBytes
    const result = {
      mode: this.mode,
      acknowledged,
      frameBytes: frame.bytes.length,
      seconds,
      recordsPerSecond: acknowledged / seconds,
      megabytesPerSecond: bytes / seconds / 1e6,
    }
    process.stdout.write(`${JSON.stringify(result)}\n`)
    this.socket.close()
  }
}

const [url = '', topic = '', mode = 'record', count = '0'] = process.argv.slice(2)
const socket = new WebSocket(url, 'millrace.v1', {
  perMessageDeflate: false,
  // A mask of zeros, which ws need not apply: masking in JavaScript would be most of what is measured.
  generateMask: (mask) => mask.fill(0),
})
const step = mode === 'batch' ? BATCH_RECORDS : 1
const load = new Load(socket, mode, Math.ceil(Number(count) / step) * step)
socket.on('open', () => {
  socket.send(JSON.stringify({ type: 'hello' }))
  socket.send(JSON.stringify({ type: 'open', channel: 1, kind: 'producer', topic }))
})
socket.on('message', (data) => {
  const parsed = JSON.parse(data.toString()) as Message | Message[]
  for (const message of Array.isArray(parsed) ? parsed : [parsed]) load.onMessage(message)
})
socket.on('error', (error) => {
  throw error
})
