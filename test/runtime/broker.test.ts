// Whole brokers: ports that are taken, threads that fail, stops under load, on 0, 1 and 2 workers.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import { loadConfig } from '../../src/config/load.js'
import { lockFile } from '../../src/log/sockets.js'
import { startBroker } from '../../src/main.js'
import { PortGuard } from '../../src/runtime/port-guard.js'
import { kafkaListener, TestClient } from '../network/fixture.js'
import { startBroker as startCommand, temporaryDirectory } from '../support/broker.js'
import { projectRoot } from '../support/project.js'

function configuration(flags: Record<string, unknown> = {}) {
  const loaded = loadConfig({
    flags: {
      data: temporaryDirectory(),
      kafka: '127.0.0.1:0',
      websocket: '127.0.0.1:0',
      'log.level': 'silent',
      ...flags,
    },
    environment: {},
    file: undefined,
  })
  assert.ok(loaded.ok)
  return loaded.value
}

async function started(flags: Record<string, unknown> = {}) {
  const broker = await startBroker(configuration(flags), silentLogger)
  assert.ok(broker.ok, broker.ok ? '' : broker.failure.message)
  return broker.value
}

/** ApiVersions version 0, correlation id 7. */
const apiVersionsRequest = Buffer.from('0000000a0012000000000007ffff'.replaceAll(' ', ''), 'hex')

async function asksApiVersions(port: number): Promise<void> {
  const client = await TestClient.open(port)
  await client.send(apiVersionsRequest)
  const prefix = await client.until(4)
  const bytes = await client.until(4 + prefix.readInt32BE(0))
  assert.equal(bytes.readInt32BE(4), 7)
  assert.equal(bytes.readInt16BE(8), 0)
  client.socket.destroy()
}

for (const workers of [0, 1, 2]) {
  test(`serves Kafka, health and metrics, and stops (workers: ${workers})`, async () => {
    const broker = await started({ workers })
    for (let i = 0; i < 8; i++) await asksApiVersions(broker.kafka?.port ?? 0)
    const http = `http://127.0.0.1:${broker.websocket?.port}`
    assert.equal((await fetch(`${http}/health/live`)).status, 200)
    assert.equal((await fetch(`${http}/health/ready`)).status, 200)
    const metrics = await (await fetch(`${http}/metrics`)).text()
    const served = /^millrace_requests_total\{api="ApiVersions",transport="tcp"\} (\d+)$/m
    assert.equal(served.exec(metrics)?.[1], '8')
    assert.match(metrics, /^millrace_request_duration_seconds_count\{api="ApiVersions"\} 8$/m)
    assert.match(metrics, /^millrace_connections_opened_total\{transport="tcp"\} 8$/m)
    assert.match(metrics, /^millrace_log_partitions\{directory=".*"\} 0$/m)
    assert.match(metrics, /^millrace_event_loop_delay_seconds\{thread="control",/m)
    await broker.stop()
    await assert.rejects(TestClient.open(broker.kafka?.port ?? 0))
    await broker.stop()
  })
}

test('a port that another process listens on is named, and nothing is left running', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve)
  })
  const address = other.address()
  assert.ok(typeof address === 'object' && address !== null)
  const refused = await startBroker(
    configuration({ kafka: `127.0.0.1:${address.port}` }),
    silentLogger,
  )
  assert.ok(!refused.ok)
  assert.match(refused.failure.message, /in use by another process.*--kafka HOST:PORT/)
  other.close()
})

test('a second Millrace on the same port is told of the first', async () => {
  const broker = await started()
  const refused = await startBroker(
    configuration({ kafka: `127.0.0.1:${broker.kafka?.port}` }),
    silentLogger,
  )
  assert.ok(!refused.ok)
  assert.match(refused.failure.message, new RegExp(`another Millrace \\(process ${process.pid}\\)`))
  // One that does not see the first one's lock still finds its listeners, shared as they are.
  const stranger = await PortGuard.claim(
    [{ ...kafkaListener, bind: { host: '127.0.0.1', port: broker.kafka?.port ?? 0 } }],
    lockFile,
    temporaryDirectory(),
  )
  assert.ok(!stranger.ok)
  assert.match(stranger.failure.message, /in use by another process/)
  for (let i = 0; i < 4; i++) await asksApiVersions(broker.kafka?.port ?? 0)
  await broker.stop()
})

test('an address that is not of this machine, or is no address, is named', async () => {
  for (const [kafka, expected] of [
    ['192.0.2.1:0', /this machine has no address 192\.0\.2\.1/],
    ['no-such-host.invalid:0', /no address is known for no-such-host\.invalid/],
  ] as const) {
    const refused = await startBroker(
      configuration({ kafka, 'allow.public.bind': true }),
      silentLogger,
    )
    assert.ok(!refused.ok)
    assert.match(refused.failure.message, expected)
  }
})

test('IPv6 works like IPv4', async () => {
  const broker = await started({ kafka: '[::1]:0' })
  const { connect } = await import('node:net')
  const socket = connect({ host: '::1', port: broker.kafka?.port ?? 0 })
  await new Promise<void>((resolve) => {
    socket.on('connect', resolve)
  })
  socket.destroy()
  await broker.stop()
})

test('a worker that fails takes the broker down, cleanly and saying so', async () => {
  const preload = join(projectRoot, 'test/runtime/crash-on-signal.cjs')
  const broker = await startCommand({
    flags: ['--workers', '2'],
    environment: { NODE_OPTIONS: `--require ${preload}` },
  })
  await asksApiVersions(broker.kafkaPort)
  process.kill(broker.pid, 'SIGUSR2')
  const { code, signal } = await broker.exited
  assert.equal(signal, null)
  assert.equal(code, 1)
  assert.match(broker.log(), /the thread io-1 failed: planted/)
  // It closed its directories: the next start has nothing to recover.
  const again = await broker.restart()
  assert.doesNotMatch(again.log(), /recover/)
  assert.equal(await again.stop(), 0)
})

for (const workers of [0, 2]) {
  test(`Ctrl-C under load ends with exit code 0 (workers: ${workers})`, async () => {
    const broker = await startCommand({ flags: ['--workers', String(workers)] })
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => TestClient.open(broker.kafkaPort)),
    )
    for (const { socket } of clients) {
      socket.on('data', () => socket.write(apiVersionsRequest))
      socket.write(Buffer.concat(Array.from({ length: 50 }, () => apiVersionsRequest)))
    }
    await Promise.all(clients.map((client) => client.until(100_000)))
    assert.equal(await broker.stop(), 0)
    await Promise.all(clients.map((client) => client.closed))
  })
}
