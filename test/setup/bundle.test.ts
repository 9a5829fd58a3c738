import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../support/broker.js'
import { projectRoot } from '../support/project.js'

interface Bundle {
  joinModules(compiled: string): Promise<void>
}

const path = join(projectRoot, 'src/setup/bundle.mjs')
const { joinModules } = (await import(pathToFileURL(path).href)) as Bundle

let compiled = ''
let joined = ''

function write(file: string, text: string): void {
  const place = join(compiled, 'src', file)
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(place, text)
}

beforeEach(() => {
  compiled = temporaryDirectory()
  joined = join(compiled, 'src/joined')
  write('cli/program.js', "export const later = () => import('./later.js')")
  write('cli/later.js', "export const text = 'first'")
  write('runtime/control-worker.js', 'export {}')
  write('runtime/io-worker.js', 'export {}')
})

const later = () => readdirSync(joined).filter((name) => /^later.*\.js$/.test(name))

test('joined files are replaced, and those that nothing names any more are gone', async () => {
  await joinModules(compiled)
  const [first = ''] = later()
  write('cli/later.js', "export const text = 'second'")
  await joinModules(compiled)
  const [second = '', ...more] = later()
  assert.deepEqual(more, [])
  assert.notEqual(second, first)
  assert.ok(readFileSync(join(joined, 'program.js'), 'utf8').includes(second))
  assert.deepEqual(
    readdirSync(joined).filter((name) => name.endsWith('.new')),
    [],
  )
})

test('what was joined stays when joining anew fails', async () => {
  await joinModules(compiled)
  const before = readdirSync(joined)
  write('runtime/io-worker.js', "import './missing.js'")
  await assert.rejects(joinModules(compiled))
  assert.deepEqual(readdirSync(joined), before)
})
