// A process or worker may end at any stage of the log's life without a crash, and what it appended is
// there at the next start.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LogError } from '../../../src/log/log.js'
import { testLogConfig } from '../batches.js'
import { openTemporary, temporaryFolder } from '../temporary-log.js'
import { appendedAtLeast, stageNames } from './stage-program.js'

const program = fileURLToPath(new URL('./stage-program.js', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

function runStage(stage: string, folder: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--expose-gc', program, stage, folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on('close', (code, signal) => resolve({ code, signal, errors }))
  })
}

for (const stage of stageNames) {
  test(stage, async (t) => {
    const folder = temporaryFolder(t)
    assert.deepEqual(await runStage(stage, folder), { code: 0, signal: null, errors: '' })

    const directory = openTemporary(t, {}, folder)
    const [log] = await directory.openPartitions([{ name: 'orders-0', config: testLogConfig }])
    assert.ok(log)
    assert.equal(log.recovery().quarantined, false)
    assert.ok(log.state().logEndOffset >= appendedAtLeast, `${log.state().logEndOffset} records`)
  })
}

test('many partitions recover on the thread pool, in the order asked for', async (t) => {
  const folder = temporaryFolder(t)
  await runStage('exit with the directory open', folder)
  const directory = openTemporary(t, {}, folder)
  assert.equal(directory.wasClean, false)
  const names = ['orders-3', 'orders-0', 'orders-1', 'orders-2']
  const logs = await directory.openPartitions(
    names.map((name) => ({ name, config: testLogConfig })),
  )
  assert.deepEqual(
    logs.map((log) => [log.name, log.state().logEndOffset]),
    names.map((name) => [name, name === 'orders-0' ? appendedAtLeast : 0]),
  )
  assert.equal(logs[1]?.recovery().wasClean, false)
})

test('a partition that cannot be opened fails openPartitions with its reason', async (t) => {
  const folder = temporaryFolder(t)
  await runStage('exit with the directory open', folder)
  const directory = openTemporary(t, {}, folder)
  await assert.rejects(
    directory.openPartitions([{ name: '../outside-0', config: testLogConfig }]),
    (error) => error instanceof LogError && error.code === 'INVALID_ARGUMENT',
  )
})
