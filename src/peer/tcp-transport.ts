// shell: connections to other brokers over TCP.
import { connect } from 'node:net'
import type { EndReason, PeerTransport } from './transport.js'

export const tcpTransport: PeerTransport = {
  connect({ host, port }, events) {
    const socket = connect({ host, port, noDelay: true })
    let problem = 'the connection was closed'
    let reason: EndReason = 'closed'
    let isOver = false
    socket.on('connect', () => events.opened())
    socket.on('data', (bytes) => events.received(bytes))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      problem = error.message
      reason = reasonOf(error.code)
    })
    socket.on('close', () => {
      if (!isOver) events.ended(reason, problem)
      isOver = true
    })
    return {
      write(chunks) {
        socket.cork()
        for (const chunk of chunks) socket.write(chunk)
        socket.uncork()
      },
      destroy() {
        isOver = true
        socket.destroy()
      },
    }
  },
}

function reasonOf(code: string | undefined): EndReason {
  if (code === 'ECONNREFUSED') return 'refused'
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'silent'
}
