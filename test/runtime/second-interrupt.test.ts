import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { millrace, temporaryDirectory } from '../support/broker.js'
import { outputLine, start } from '../support/processes.js'
import { projectRoot } from '../support/project.js'

const preload = join(projectRoot, 'test/runtime/block-on-signal.cjs')

async function brokerWithBlockedThread() {
  const anywhere = ['--kafka', '127.0.0.1:0', '--websocket', '127.0.0.1:0']
  const broker = start(
    process.execPath,
    [millrace, 'serve', '--json', '--data', temporaryDirectory(), ...anywhere],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: `--require ${preload}` },
    },
  )
  await outputLine(broker, /"ready":true/)
  broker.kill('SIGUSR2')
  await outputLine(broker, /test: blocked/, 'stderr')
  return broker
}

test('a thread that stands still holds up a stop for a few seconds only', async () => {
  const broker = await brokerWithBlockedThread()
  const exited = once(broker, 'exit')
  broker.kill('SIGINT')
  await outputLine(broker, /a worker does not stop; it is left behind/, 'stderr')
  assert.deepEqual(await exited, [null, 'SIGTERM'])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} while a thread holds up the stop leaves at once`, async () => {
    const broker = await brokerWithBlockedThread()
    broker.kill('SIGINT')
    await outputLine(broker, /test: first SIGINT/, 'stderr')
    assert.equal(broker.exitCode, null)

    const exited = once(broker, 'exit')
    broker.kill(signal)
    assert.deepEqual(await exited, [null, signal])
  })
}
