// An application with a broker inside: "block" on standard input makes its thread stand still for ten
// seconds. Usage: node host-that-blocks.mjs EMBED_MODULE DATA
import { once } from 'node:events'

const [, , embed, data] = process.argv
const { createBroker } = await import(embed)
const broker = await createBroker({
  data,
  websocket: '127.0.0.1:0',
  kafka: '127.0.0.1:0',
  workers: 2,
})
const { host, port } = broker.websocket
process.stdout.write(`ready ws://${host}:${port} ${broker.kafka.host}:${broker.kafka.port}\n`)
await once(process.stdin, 'data')
process.stderr.write('blocked\n')
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000)
process.stdout.write('unblocked\n')
await broker.close()
process.exit()
