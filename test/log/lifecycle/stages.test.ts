// A process or worker may end at any stage of the log's life without a crash, and what it appended is
// there at the next start.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../temporary-log.js'
import { stageNames } from './stage-program.js'

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
  })
}
