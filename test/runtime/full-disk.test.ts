// A disk that is really full: a broker on a small tmpfs of its own. What was acknowledged stays, what
// cannot be stored is refused and says so, and a deletion makes room again.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { ByHand } from '../interop/by-hand.js'
import { startBroker, temporaryDirectory } from '../support/broker.js'

const DISK_MIB = 96
const VALUE = 'x'.repeat(64 * 1024)

/** Runs its arguments where `directory` is a small disk that nobody else sees. */
function onSmallDisk(directory: string): string[] {
  const script = `mount -t tmpfs -o size=${DISK_MIB}m none ${directory} && exec "$0" "$@"`
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script]
}

const [unshare = '', ...rest] = [...onSmallDisk(temporaryDirectory()), 'true']
const isPossible = spawnSync(unshare, rest).status === 0

test('a full disk refuses, keeps what it acknowledged, and goes on when there is room', {
  timeout: 60_000,
  skip: isPossible ? false : 'needs user namespaces, or root, to mount a small disk',
}, async () => {
  const dataDirectory = temporaryDirectory()
  const broker = await startBroker({
    dataDirectory,
    flags: ['--flush', 'group'],
    under: onSmallDisk(dataDirectory),
  })
  const client = await ByHand.welcomed(broker.websocket)
  try {
    const acknowledged = await fill(client, 'large', 1)
    assert.ok(acknowledged > (DISK_MIB << 20) / VALUE.length / 4, `${acknowledged} were stored`)
    assert.equal(await count(client, 'large'), acknowledged)
    const deleted = await client.request('deleteTopic', { topic: 'large' })
    assert.deepEqual([deleted.ok, deleted.error], [true, undefined], broker.log())
    // The room comes when nobody reads the deleted files any more.
    let again = 0
    for (let channel = 2; again === 0; channel++) again = await fill(client, 'again', channel)
    assert.ok(again > acknowledged / 2, `${again} were stored`)
  } finally {
    client.close()
    await broker.stop()
  }
})

/** Writes until the disk is full, a record at a time; returns how many were acknowledged. */
async function fill(client: ByHand, topic: string, channel: number): Promise<number> {
  client.send({ type: 'open', channel, kind: 'producer', topic })
  await client.next('opened')
  for (let sequence = 0; ; sequence++) {
    const records = [{ value: VALUE }]
    client.send({ type: 'produce', channel, partition: 0, sequence, records })
    const answer = await client.nextOf('ack', 'error')
    if (answer.type === 'ack') continue
    assert.deepEqual([answer.code, answer.retryable], ['storage-full', true])
    return sequence
  }
}

async function count(client: ByHand, topic: string): Promise<number> {
  const { result } = await client.request('describeTopic', { topic })
  const { partitions } = result as { partitions: { startOffset: number; endOffset: number }[] }
  return (partitions[0]?.endOffset ?? 0) - (partitions[0]?.startOffset ?? 0)
}
