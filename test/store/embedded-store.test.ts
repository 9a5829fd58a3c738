// The one-file store: the contract, and what it owes to crashes, damage and failing disks.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import { encodeFrame, encodeHeader, HEADER_BYTES, scan } from '../../src/store/embedded/frame.js'
import type { StoreFile, StoreFiles } from '../../src/store/embedded/store-files.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { bytes, put, read, storeConformance, value } from './conformance.js'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-store-'))
})
after(() => rm(folder, { recursive: true, force: true }))

let opened: MetadataStore | undefined
storeConformance('the embedded store', {
  async open() {
    const path = join(await mkdtemp(join(tmpdir(), 'millrace-store-')), 'metadata.log')
    opened = value(await openEmbeddedStore({ path }))
    return opened
  },
  close: async () => opened?.close(),
})

test('what was committed is there after a restart, with its versions; session keys are not', async () => {
  const path = join(folder, 'restart.log')
  const store = value(await openEmbeddedStore({ path }))
  const session = value(await store.openSession(1000))
  await store.txn([], [put('/a', '1'), put('/b', '2')])
  await store.txn([], [{ type: 'delete', key: '/b' }])
  await store.txn([], [{ type: 'put', key: '/session', value: bytes('x'), session }])
  const before = value(await store.get('/a'))
  await store.close()
  assert.equal((await store.txn([], [put('/a', '2')])).status, 'refused')

  const again = value(await openEmbeddedStore({ path }))
  assert.equal(value(await again.get('/a'))?.version, before?.version)
  assert.equal(await read(again, '/b'), undefined)
  assert.equal(await read(again, '/session'), undefined)
  await again.txn([], [put('/a', '2')])
  assert.ok((value(await again.get('/a'))?.version ?? 0n) > (before?.version ?? 0n))
  await again.close()
})

// The file operations, in memory: what was synced survives a crash, the rest may be cut anywhere.
class MemoryFiles implements StoreFiles {
  readonly contents = new Map<string, Uint8Array>()
  syncs = 0
  failSyncAt = Number.POSITIVE_INFINITY

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.contents.get(path)
  }

  async open(path: string): Promise<StoreFile> {
    const file = { path, bytes: this.contents.get(path) ?? new Uint8Array() }
    this.contents.set(path, file.bytes)
    const store = (bytes: Uint8Array) => {
      if (this.contents.get(file.path) === file.bytes) this.contents.set(file.path, bytes)
      file.bytes = bytes
    }
    const renamed = (to: string) => {
      file.path = to
    }
    this.openFiles.set(path, renamed)
    return {
      async write(data, positionBytes) {
        const grown = new Uint8Array(Math.max(file.bytes.length, positionBytes + data.length))
        grown.set(file.bytes)
        grown.set(data, positionBytes)
        store(grown)
      },
      sync: async () => {
        if (++this.syncs >= this.failSyncAt) throw new Error('EIO: i/o error, fdatasync')
      },
      truncate: async (sizeBytes) => store(file.bytes.slice(0, sizeBytes)),
      close: async () => {},
    }
  }

  async replace(temporaryPath: string, path: string): Promise<void> {
    this.contents.set(path, this.contents.get(temporaryPath) ?? new Uint8Array())
    this.contents.delete(temporaryPath)
    this.openFiles.get(temporaryPath)?.(path)
  }

  async remove(path: string): Promise<void> {
    this.contents.delete(path)
  }

  async syncFolderOf(): Promise<void> {}
  private readonly openFiles = new Map<string, (to: string) => void>()
}

const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), text: fc.string() }),
  },
  { weight: 1, arbitrary: fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd') }) },
)
const transaction = fc.uniqueArray(operation, {
  selector: (o) => o.key,
  minLength: 1,
  maxLength: 3,
})

test('cut at any byte, the file holds a prefix of the transactions that covers every answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(transaction, { minLength: 1, maxLength: 8 }),
      async (transactions) => {
        const files = new MemoryFiles()
        const store = value(await openEmbeddedStore({ path: 'm', files }))
        const model = new Map<string, string>()
        const states = [{ sizeBytes: HEADER_BYTES, content: new Map(model) }]
        for (const operations of transactions) {
          await store.txn(
            [],
            operations.map((o) =>
              'text' in o ? put(o.key, o.text) : ({ type: 'delete', key: o.key } as const),
            ),
          )
          for (const o of operations) 'text' in o ? model.set(o.key, o.text) : model.delete(o.key)
          const sizeBytes = files.contents.get('m')?.length ?? 0
          states.push({ sizeBytes, content: new Map(model) })
        }
        const whole = files.contents.get('m') ?? new Uint8Array()
        for (let cut = 0; cut <= whole.length; cut++) {
          const expected = states.findLast((state) => state.sizeBytes <= cut)?.content ?? new Map()
          files.contents.set('m', whole.slice(0, cut))
          const reopened = value(await openEmbeddedStore({ path: 'm', files }))
          const items = value(await reopened.list(''))
          const found = items.map(({ key, value }) => [key, new TextDecoder().decode(value)])
          assert.deepEqual(new Map(found as [string, string][]), expected, `cut at ${cut}`)
          await reopened.txn([], [put('after', 'the crash')])
          const last = value(await openEmbeddedStore({ path: 'm', files }))
          assert.equal(await read(last, 'after'), 'the crash')
        }
      },
    ),
    { numRuns: 25 },
  )
})

test('any damage before the last record is refused with its place, and nothing is changed', async () => {
  const frame = (revision: bigint) =>
    encodeFrame({
      kind: 'transactions',
      revision,
      entries: [
        { type: 'put', key: '/k', value: bytes('v'), version: revision, forSession: false },
      ],
    })
  const file = Buffer.concat([encodeHeader(), frame(1n), frame(2n), frame(3n)])
  const lastFrame = file.length - frame(3n).length
  for (let at = HEADER_BYTES; at < lastFrame; at++) {
    const damaged = Uint8Array.from(file)
    damaged[at] = (damaged[at] ?? 0) ^ 0x41
    assert.equal(scan(damaged).status, 'refused', `byte ${at}`)
  }
  const path = join(folder, 'damaged.log')
  const damaged = Uint8Array.from(file)
  damaged[HEADER_BYTES + 9] = 77
  await writeFile(path, damaged)
  const outcome = await openEmbeddedStore({ path })
  assert.ok(!outcome.ok)
  assert.match(
    outcome.failure.message,
    /damaged\.log cannot be used: the record at byte 16 is damaged/,
  )
  assert.deepEqual(await readFile(path), Buffer.from(damaged))
})

test('a newer format and a foreign file are refused', async () => {
  const path = join(folder, 'newer.log')
  const header = encodeHeader()
  header[13] = 2
  await writeFile(path, header)
  const newer = await openEmbeddedStore({ path })
  assert.match(newer.ok ? '' : newer.failure.message, /format version 2/)
  await writeFile(path, 'something else entirely')
  const foreign = await openEmbeddedStore({ path })
  assert.match(foreign.ok ? '' : foreign.failure.message, /does not begin as a metadata file/)
})

test('a torn last record is cut, also when it is zeros', () => {
  const frame = encodeFrame({ kind: 'transactions', revision: 1n, entries: [] })
  const file = Buffer.concat([encodeHeader(), frame, new Uint8Array(4096)])
  const scanned = scan(file)
  assert.equal(scanned.status === 'ok' && scanned.endBytes, HEADER_BYTES + frame.length)
})

test('after a failed sync nothing is written any more, and the outcome is called unknown', async () => {
  const files = new MemoryFiles()
  const store = value(await openEmbeddedStore({ path: 'm', files }))
  assert.equal((await store.txn([], [put('/a', '1')])).status, 'committed')
  files.failSyncAt = files.syncs + 1
  const failed = await store.txn([], [put('/a', '2')])
  assert.equal(failed.status, 'unknown')
  files.failSyncAt = Number.POSITIVE_INFINITY
  assert.equal((await store.txn([], [put('/a', '3')])).status, 'refused')
  assert.equal((await store.get('/a')).ok, false)
})

test('transactions that arrive together share a sync', async () => {
  const files = new MemoryFiles()
  const store = value(await openEmbeddedStore({ path: 'm', files }))
  const before = files.syncs
  await Promise.all(Array.from({ length: 50 }, (_, i) => store.txn([], [put(`/k${i}`, 'x')])))
  assert.equal(files.syncs, before + 1)
})

test('a file of history is written anew, and a crash before the replacement changes nothing', async () => {
  const files = new MemoryFiles()
  const store = value(await openEmbeddedStore({ path: 'm', files, compactAboveBytes: 2000 }))
  for (let i = 0; i < 300; i++) await store.txn([], [put('/k', `value ${i}`)])
  assert.ok((files.contents.get('m')?.length ?? 0) < 3000)
  const version = value(await store.get('/k'))?.version
  files.contents.set('m.new', bytes('left by a crash'))
  const again = value(await openEmbeddedStore({ path: 'm', files }))
  assert.equal(await read(again, '/k'), 'value 299')
  assert.equal(value(await again.get('/k'))?.version, version)
  assert.equal(files.contents.has('m.new'), false)
})

test('the same through real files', async () => {
  const path = join(folder, 'compact.log')
  const store = value(await openEmbeddedStore({ path, compactAboveBytes: 500 }))
  for (let i = 0; i < 100; i++) await store.txn([], [put('/k', `value ${i}`)])
  await store.close()
  assert.ok((await readFile(path)).length < 600)
  const again = value(await openEmbeddedStore({ path }))
  assert.equal(await read(again, '/k'), 'value 99')
  await again.close()
})
