// The module asks for files beside its own, so each test has a copy of it in a layout of its own.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../support/broker.js'

const compiledModule = fileURLToPath(new URL('../../src/base/joined.js', import.meta.url))
const COMPILED_AT_S = 1_700_000_000

interface Joined {
  entryOf(name: string, compiled: URL): URL
}

/** Times in seconds after the compilation; undefined: the file is not there. */
interface Layout {
  readonly joined: number | undefined
  readonly buildInfo: number | undefined
}

/** What is taken of the entry "program": "joined" or "compiled". */
async function taken({ joined, buildInfo }: Layout): Promise<string> {
  const root = temporaryDirectory()
  for (const folder of ['src/base', 'src/cli', 'src/joined']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  const place = (name: string, afterS: number | undefined) => {
    if (afterS === undefined) return
    writeFileSync(join(root, name), '')
    utimesSync(join(root, name), COMPILED_AT_S + afterS, COMPILED_AT_S + afterS)
  }
  copyFileSync(compiledModule, join(root, 'src/base/joined.js'))
  place('src/cli/program.js', 0)
  place('src/joined/program.js', joined)
  place('.tsbuildinfo', buildInfo)
  const copy = (await import(pathToFileURL(join(root, 'src/base/joined.js')).href)) as Joined
  const compiled = pathToFileURL(join(root, 'src/cli/program.js'))
  const entry = copy.entryOf('program', compiled).href
  if (entry === compiled.href) return 'compiled'
  assert.equal(entry, pathToFileURL(join(root, 'src/joined/program.js')).href)
  return 'joined'
}

test('the joined file is taken when it was made after the compilation', async () => {
  assert.equal(await taken({ joined: 1, buildInfo: 0 }), 'joined')
})

test('and when both were made at the same time', async () => {
  assert.equal(await taken({ joined: 0, buildInfo: 0 }), 'joined')
})

test('what was compiled since is taken, not an older joined file', async () => {
  assert.equal(await taken({ joined: 0, buildInfo: 1 }), 'compiled')
})

test('an installed package has no trace of a compilation: the joined file is taken', async () => {
  assert.equal(await taken({ joined: -1000, buildInfo: undefined }), 'joined')
})

test('without a joined file the compiled one is taken', async () => {
  assert.equal(await taken({ joined: undefined, buildInfo: 0 }), 'compiled')
  assert.equal(await taken({ joined: undefined, buildInfo: undefined }), 'compiled')
})
