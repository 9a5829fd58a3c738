import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { millrace } from '../support/broker.js'
import { freePort } from '../support/kafka-server.js'
import { runToEnd } from '../support/processes.js'
import { projectRoot } from '../support/project.js'
import { run } from './cli.js'

const commands = [
  [],
  ['serve'],
  ['topic'],
  ['topic', 'create'],
  ['topic', 'list'],
  ['topic', 'describe'],
  ['topic', 'delete'],
  ['cluster'],
  ['cluster', 'status'],
  ['cluster', 'describe'],
  ['cluster', 'reassign'],
  ['cluster', 'elect'],
  ['cluster', 'drain'],
  ['cluster', 'decommission'],
  ['dev'],
  ['produce'],
  ['consume'],
  ['log'],
  ['log', 'dump'],
  ['log', 'verify'],
  ['log', 'repair'],
  ['bench'],
]

for (const command of commands) {
  test(`millrace ${[...command, '--help'].join(' ')}`, async () => {
    const { code, stdout, stderr } = await run([...command, '--help'])
    assert.equal(code, 0)
    assert.match(stdout.toString(), new RegExp(`^Usage: ${['millrace', ...command].join(' ')}`))
    assert.equal(stderr, '')
  })
}

test('--version is that of the package, for every command', async () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  const commands = ['', 'serve', 'topic', 'topic create', 'produce', 'consume', 'log dump', 'bench']
  for (const line of [...commands.map((command) => `${command} --version`), '-V']) {
    const { code, stdout } = await run(line.trim().split(' '))
    assert.deepEqual([code, stdout.toString().trim()], [0, manifest.version])
  }
})

const mistakes: readonly (readonly [args: readonly string[], said: RegExp])[] = [
  [['nonsense'], /unknown command 'nonsense'/],
  [['serve', '--nonsense'], /unknown option '--nonsense'/],
  [['produce'], /missing required argument 'TOPIC'/],
  [['produce', 't', '--partition', 'x'], /whole number, 0 or above/],
  [['produce', 't', '--format', 'xml'], /Allowed choices are lines, ndjson/],
  [['consume', 't', '--from', 'yesterday'], /must be earliest, latest, an offset, a time/],
  [['consume', 't', '--from', '-1'], /must be earliest, latest, an offset, a time/],
  [['consume', 't', '--from', '1.5'], /must be earliest, latest, an offset, a time/],
  [['consume', 't', '--from', '99999999999999999999'], /must be earliest, latest, an offset/],
  [['consume', 't', '--from', '2026-13-01'], /must be earliest, latest, an offset, a time/],
  [['consume', 't', '--count', '0'], /whole number above 0/],
  [['topic', 'create', 't', '--partitions', '0'], /whole number above 0/],
  [['topic', 'create', 't', '--config', 'x'], /must be KEY=VALUE/],
]

for (const [args, said] of mistakes) {
  test(`wrong usage: millrace ${args.join(' ')}`, async () => {
    const { code, stderr, stdout } = await run(args)
    assert.equal(code, 2)
    assert.match(stderr, said)
    assert.equal(stdout.toString(), '')
  })
}

for (const args of [
  ['topic', 'list'],
  ['produce', 't'],
  ['consume', 't'],
]) {
  test(`no broker: millrace ${args.join(' ')}`, async () => {
    const url = `ws://127.0.0.1:${await freePort()}`
    const { code, stderr } = await run([...args, '--url', url])
    assert.equal(code, 3)
    assert.ok(stderr.includes(`no broker answers at ${url}`), stderr)
    assert.match(stderr, /millrace serve/)
    assert.equal(stderr.trim().split('\n').length, 1)
  })
}

test('the URL may stand in the environment', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  const { code, stderr } = await run(['topic', 'list'], { environment: { MILLRACE_URL: url } })
  assert.equal(code, 3)
  assert.ok(stderr.includes(url), stderr)
})

test('a URL that is none is wrong usage, and not a broker that is away', async () => {
  for (const url of ['nonsense', 'kafka://127.0.0.1:9092', '']) {
    const { code, stderr } = await run(['topic', 'list', '--url', url])
    assert.equal(code, 2)
    assert.match(stderr, /is no WebSocket URL such as ws:\/\/.*--url/)
    assert.equal(stderr.trim().split('\n').length, 1)
  }
})

test('a reader of the output that has seen enough is no failure', async () => {
  const { code, stdout, stderr } = await runToEnd('bash', [
    '-c',
    'set -o pipefail; "$0" "$1" serve --help | head -n 1',
    process.execPath,
    millrace,
  ])
  assert.equal(stderr, '')
  assert.equal(code, 0)
  assert.match(stdout.toString(), /^Usage: millrace serve/)
})
