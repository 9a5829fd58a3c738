import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { startBroker, temporaryDirectory } from '../support/broker.js'
import { run } from './cli.js'

const SEGMENT = '00000000000000000000.log'
let folder: string
let damaged: string

before(async () => {
  const broker = await startBroker()
  const args = ['produce', 'inspected', '--url', broker.websocket, '-f', 'ndjson']
  for (const value of ['first', 'second']) {
    await run(args, { input: `${JSON.stringify({ key: 'k', value, timestamp: 1000 })}\n` })
  }
  assert.equal(await broker.stop(), 0)
  folder = join(broker.dataDirectory, 'inspected-0')
  damaged = join(temporaryDirectory(), 'inspected-0')
  mkdirSync(damaged)
  copyFileSync(join(folder, SEGMENT), join(damaged, SEGMENT))
  const bytes = readFileSync(join(damaged, SEGMENT))
  bytes[bytes.lastIndexOf('second')] = 0x53
  writeFileSync(join(damaged, SEGMENT), bytes)
})

test('dump for a person, and with the records', async () => {
  const { code, stdout } = await run(['log', 'dump', folder])
  assert.equal(code, 0)
  assert.match(stdout.toString(), /offsets 0-0 at 0, \d+ bytes, 1 records, none, epoch \d+/)
  assert.match(stdout.toString(), /end of (file|data) at \d+/)
  const records = (await run(['log', 'dump', folder, '--records'])).stdout.toString()
  assert.match(records, /"offset":1,"timestamp":1000,"key":"k","value":"second"/)
})

test('dump as JSON', async () => {
  const { stdout } = await run(['log', 'dump', join(folder, SEGMENT), '--json'])
  const batches = stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    batches.map(({ baseOffset, recordsCount }) => [baseOffset, recordsCount]),
    [
      [0, 1],
      [1, 1],
    ],
  )
})

test('verify finds nothing in good files', async () => {
  const { code, stdout } = await run(['log', 'verify', folder])
  assert.equal(code, 0)
  assert.match(stdout.toString(), /00000000000000000000\.log +2 {2}good/)
})

test('verify finds a changed byte, and says where', async () => {
  const { code, stdout } = await run(['log', 'verify', damaged])
  assert.equal(code, 5)
  assert.match(stdout.toString(), /DAMAGED/)
  assert.match(stdout.toString(), /offset 1 at \d+: /)
  const json = await run(['log', 'verify', damaged, '--json'])
  assert.equal(json.code, 5)
  const verdict = JSON.parse(json.stdout.toString())
  assert.deepEqual([verdict.damaged, verdict.files[0].damaged], [true, 1])
})

test('dump ends with the same code when it meets a changed byte', async () => {
  for (const flags of [[], ['--json'], ['--records']]) {
    const { code, stdout } = await run(['log', 'dump', damaged, ...flags])
    assert.equal(code, 5)
    assert.ok(stdout.length > 0)
  }
})

test('repair of what is no partition leaves the folder around it as it was', async () => {
  const around = temporaryDirectory()
  mkdirSync(join(around, 'etc'))
  mkdirSync(join(around, 'etc-1'))
  writeFileSync(join(around, 'file-1'), '')
  for (const name of ['etc', 'etc-1', 'file-1']) {
    const { code, stderr } = await run(['log', 'repair', join(around, name)])
    assert.equal(code, 4)
    assert.match(stderr, /is no partition in a data directory: name one such as/)
  }
  assert.deepEqual(readdirSync(around).sort(), ['etc', 'etc-1', 'file-1'])
})

test('what is no segment is told from one that is', async () => {
  const around = temporaryDirectory()
  const file = join(around, 'notes.log')
  writeFileSync(file, 'hello, no segment at all')
  const { code, stdout } = await run(['log', 'dump', file])
  assert.equal(code, 5)
  assert.match(stdout.toString(), /24 bytes follow that are no whole batch/)
  for (const command of ['dump', 'verify']) {
    const empty = await run(['log', command, around])
    assert.equal(empty.code, 4)
    assert.match(empty.stderr, /there is no segment file in /)
  }
})

test('a path that is not there', async () => {
  const { code, stderr } = await run(['log', 'verify', '/nonexistent'])
  assert.equal(code, 4)
  assert.match(stderr, /there is no \/nonexistent/)
})
