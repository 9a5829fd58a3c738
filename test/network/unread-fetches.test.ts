// Kafka clients that ask for gigabytes and never read.
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { fetchFrame, unreadCostAtMost } from './unread.js'

const FETCHES_EACH = 100
/** Of 40 clients together, who ask for 28 GB. */
const MAX_GROWTH_BYTES = 96 << 20

function askWithoutReading(port: number, requests: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.pause()
      socket.write(requests, () => resolve(socket))
    })
    socket.on('error', reject)
  })
}

test('clients that fetch and never read cost a bounded memory, and the next one is served', async () => {
  const requests = Buffer.concat(Array.from({ length: FETCHES_EACH }, () => fetchFrame))
  await unreadCostAtMost(MAX_GROWTH_BYTES, ({ kafkaPort }) =>
    askWithoutReading(kafkaPort, requests),
  )
})
