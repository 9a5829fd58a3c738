// An uWebSockets handler that stores nothing: it counts what came and acknowledges once a
// millisecond, so that the client of the WebSocket benchmark runs against it unchanged. Prints "ready PORT".
// Usage: node empty-websocket.js INITIAL_CREDIT_BYTES INITIAL_CREDIT_RECORDS
import uWS from 'uWebSockets.js'

const HEADER_BYTES = 16
const PRODUCE_BATCH = 0x01
const BASE_SEQUENCE_AT = 53
const RECORD_COUNT_AT = 57

interface Session {
  bytes: number
  records: number
  lastSequence: number
  isAckDue: boolean
  isClosed: boolean
}

type Socket = uWS.WebSocket<Session>

const credit = { bytes: Number(process.argv[2]), records: Number(process.argv[3]) }
const opened = JSON.stringify({
  type: 'opened',
  channel: 1,
  kind: 'producer',
  topic: 'none',
  partitions: 1,
  identity: { producerId: 1, epoch: 0, secret: '' },
  lastSequences: {},
  credit,
})

function acknowledge(socket: Socket, session: Session): void {
  session.isAckDue = false
  if (session.isClosed) return
  const { records, bytes, lastSequence: sequence } = session
  session.records = 0
  session.bytes = 0
  socket.send(
    JSON.stringify({
      type: 'ack',
      channel: 1,
      partition: 0,
      sequence,
      count: records,
      baseOffset: sequence - records + 1,
      durability: 'leader',
      credit: { bytes, records },
    }),
  )
}

function onBinary(socket: Socket, message: ArrayBuffer): void {
  const session = socket.getUserData()
  const view = new DataView(message)
  const isBatch = view.getUint8(0) === PRODUCE_BATCH
  const count = isBatch ? view.getInt32(HEADER_BYTES + RECORD_COUNT_AT) : 1
  const first = view.getInt32(HEADER_BYTES + (isBatch ? BASE_SEQUENCE_AT : 0))
  session.records += count
  session.bytes += message.byteLength
  session.lastSequence = first + count - 1
  if (session.isAckDue) return
  session.isAckDue = true
  // More often, and the client would spend its time on acks: Millrace would be faster than nothing.
  setTimeout(() => acknowledge(socket, session), 1)
}

const app = uWS.App()
app.ws<Session>('/*', {
  compression: uWS.DISABLED,
  maxPayloadLength: 1 << 20,
  upgrade: (response, request, context) => {
    const session = { bytes: 0, records: 0, lastSequence: -1, isAckDue: false, isClosed: false }
    response.upgrade<Session>(
      session,
      request.getHeader('sec-websocket-key'),
      'millrace.v1',
      request.getHeader('sec-websocket-extensions'),
      context,
    )
  },
  message: (socket, message, isBinary) => {
    if (isBinary) onBinary(socket, message)
    else if (Buffer.from(message).includes('"open"')) socket.send(opened)
  },
  close: (socket) => {
    socket.getUserData().isClosed = true
  },
})
app.listen('127.0.0.1', 0, (listening) => {
  if (!listening) throw new Error('no port could be taken')
  process.stdout.write(`ready ${uWS.us_socket_local_port(listening)}\n`)
})
