import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../support/broker.js'
import { runToEnd } from '../support/processes.js'
import { projectRoot } from '../support/project.js'

interface Prepare {
  checkNode(version: string): void
  removeOrphans(compiled: string, sources: string): void
  readonly SetupError: typeof Error
}

const path = join(projectRoot, 'src/setup/prepare.mjs')
const { checkNode, removeOrphans, SetupError } = (await import(pathToFileURL(path).href)) as Prepare

test('a Node.js that is too old is named, with what to do', () => {
  for (const version of ['18.20.4', '9.0.0', '0.12.18'])
    assert.throws(
      () => checkNode(version),
      (error: Error) =>
        error instanceof SetupError &&
        /^Millrace needs Node\.js 20 or later and this is [\d.]+: install/.test(error.message),
    )
  for (const version of ['20.0.0', '22.12.0', '100.0.0']) checkNode(version)
})

test('a tool that compiling needs is named where it is missing, in one line', async () => {
  const root = temporaryDirectory()
  for (const [place, folder] of [
    ['package.json', '.'],
    ['src/setup', 'src'],
  ] as const) {
    mkdirSync(join(root, folder), { recursive: true })
    cpSync(join(projectRoot, place), join(root, place), { recursive: true })
  }
  const tools = join(root, 'tools')
  mkdirSync(tools)
  for (const missing of ['python3', 'make', 'g++']) {
    const install = join(root, 'src/setup/install.mjs')
    const { code, stderr } = await runToEnd(process.execPath, [install], { env: { PATH: tools } })
    assert.equal(code, 1)
    const [line, ...more] = stderr.trim().split('\n')
    assert.deepEqual(more, [])
    assert.ok(line?.includes(`there is no ${missing}: install it`), stderr)
    assert.ok(line?.includes(`apt-get install ${missing}`), stderr)
    writeFileSync(join(tools, missing), '#!/bin/sh\n', { mode: 0o755 })
  }
})

test('what was compiled from a file that is gone is removed, and nothing else', () => {
  const folder = temporaryDirectory()
  const put = (name: string) => {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
  }
  for (const name of ['kept', 'deep/kept']) put(`src/${name}.ts`)
  const outputs = ['js', 'js.map', 'd.ts']
  for (const name of ['kept', 'gone', 'deep/kept', 'deep/gone', 'left/gone'])
    for (const ending of outputs) put(`dist/${name}.${ending}`)
  removeOrphans(join(folder, 'dist'), join(folder, 'src'))
  const left = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
  assert.deepEqual(
    left
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort(),
    ['kept.d.ts', 'kept.d.ts', 'kept.js', 'kept.js', 'kept.js.map', 'kept.js.map'],
  )
})

// npm runs it on the machine of whoever installs the package: Node's own modules are all there is.
test('what npm runs at install needs no other package before it begins', () => {
  for (const name of ['install.mjs', 'prepare.mjs', 'bundle.mjs', 'start.mjs']) {
    const text = readFileSync(join(projectRoot, 'src/setup', name), 'utf8')
    for (const [, from = ''] of text.matchAll(/^(?:import|\} from).*'([^']+)'$/gm))
      assert.match(from, /^(node:|\.)/, `${name} imports ${from}`)
  }
})
