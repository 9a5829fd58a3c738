// How far the metadata had come, on real files.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import { nodeLocalFiles } from '../../src/replicas/local-files.js'
import { MetadataHistory } from '../../src/replicas/metadata-history.js'
import { MemoryDirectory } from '../controller/memory-directory.js'
import { temporaryDirectory } from '../support/broker.js'

let paths: readonly string[]

beforeEach(() => {
  const root = temporaryDirectory()
  paths = ['a', 'b'].map((name) => join(root, name))
  for (const path of paths) mkdirSync(path)
})

function open(files = nodeLocalFiles) {
  const directories = paths.map((path) => ({
    id: path,
    path,
    log: new MemoryDirectory(path),
    problem: undefined,
  }))
  return MetadataHistory.open({ files, directories, logger: silentLogger })
}

function opened(): MetadataHistory {
  const history = open()
  assert.ok(history.ok, history.ok ? '' : history.failure.message)
  return history.value
}

async function note(controllerEpoch: number, version: bigint): Promise<void> {
  const history = opened()
  history.note({ controllerEpoch, version })
  await history.close()
}

const file = (place: number) => join(paths[place] ?? '', 'metadata-seen')

test('a broker that is new has seen nothing', () => {
  assert.equal(opened().whyOlder({ controllerEpoch: 0, version: 0n }), undefined)
})

test('what was seen is known at the next start; the same and more are no older', async () => {
  await note(3, 77n)
  const history = opened()
  assert.equal(history.whyOlder({ controllerEpoch: 3, version: 77n }), undefined)
  assert.equal(history.whyOlder({ controllerEpoch: 4, version: 900n }), undefined)
  assert.equal(history.whyOlder({ controllerEpoch: 3 }), undefined)
})

test('an older epoch or version is told with both numbers, and what to do', async () => {
  await note(3, 77n)
  const epoch = opened().whyOlder({ controllerEpoch: 2 })
  assert.match(epoch?.message ?? '', /controller epoch 2 there, and this broker has seen 3/)
  const version = opened().whyOlder({ controllerEpoch: 3, version: 76n })
  assert.match(version?.message ?? '', /version 76 there, and this broker has seen 77/)
  assert.match(version?.message ?? '', /went back in time.*remove metadata-seen/)
})

test('the latest of all directories counts, and no note takes it back', async () => {
  await note(5, 10n)
  writeFileSync(file(1), '1\n2 999\n')
  assert.ok(opened().whyOlder({ controllerEpoch: 4 }))
  assert.ok(opened().whyOlder({ version: 998n }))
  await note(6, 11n)
  assert.equal(readFileSync(file(0), 'utf8'), '1\n6 999\n')
})

test('notes that come while one is written are written too', async () => {
  const history = opened()
  for (let epoch = 1; epoch <= 5; epoch++) history.note({ controllerEpoch: epoch, version: 1n })
  await history.close()
  for (const place of [0, 1]) assert.equal(readFileSync(file(place), 'utf8'), '1\n5 1\n')
})

for (const [what, content] of [
  ['cut short', '1\n5'],
  ['of a later format', '2\n5 1\n'],
  ['something else', 'hello'],
] as const) {
  test(`a file that is ${what} is refused by name`, () => {
    writeFileSync(file(1), content)
    const history = open()
    assert.equal(history.ok, false)
    assert.match(history.ok ? '' : history.failure.message, /b\/metadata-seen cannot be read/)
  })
}

test('a file that cannot be written is told, and the other one written', async () => {
  const failing = {
    ...nodeLocalFiles,
    writeText: (path: string, text: string) =>
      path === file(0) ? Promise.reject(new Error('EIO')) : nodeLocalFiles.writeText(path, text),
  }
  const history = open(failing)
  assert.ok(history.ok)
  history.value.note({ controllerEpoch: 1, version: 1n })
  await history.value.close()
  assert.equal(readFileSync(file(1), 'utf8'), '1\n1 1\n')
})
