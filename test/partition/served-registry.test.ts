// On a stand-in for the log (memory-log.ts): what is tested is the waiting, not the log.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { Deadlines } from '../../src/base/deadlines.js'
import type { TopicImage } from '../../src/metadata/image.js'
import type { WaitEnd } from '../../src/partition/partition.js'
import { ServedRegistry } from '../../src/partition/served-registry.js'
import { ManualClock } from './manual-clock.js'
import { MemoryLog } from './memory-log.js'

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

let clock: ManualClock
let logs: Map<number, MemoryLog>
let watched: Set<number>
let registry: ServedRegistry
let isSessionAlive: boolean

beforeEach(() => {
  clock = new ManualClock()
  isSessionAlive = true
  logs = new Map([7, 8].map((h) => [h, new MemoryLog(h, `t-${h - 7}`, { settlesAtOnce: false })]))
  watched = new Set()
  registry = makeRegistry('durable')
  registry.apply({ version: 1, topicsChanged: [topic()] })
})

function makeRegistry(leaderPromise: 'durable' | 'published'): ServedRegistry {
  return new ServedRegistry({
    brokerId: 1,
    deadlines: new Deadlines(clock),
    leaderPromise,
    isSessionAlive: () => isSessionAlive,
    attach: (handle) => logOf(handle),
    watch: (handle) => watched.add(handle),
    unwatch: (handle) => watched.delete(handle),
  })
}

function logOf(handle: number): MemoryLog {
  const log = logs.get(handle)
  assert.ok(log !== undefined)
  return log
}

function topic(
  change: {
    handle?: number | undefined
    leaderEpoch?: number
    id?: string
    replicas?: readonly number[]
  } = {},
) {
  const replicas = change.replicas ?? [1]
  const handle = 'handle' in change ? change.handle : 7
  const image: TopicImage = {
    name: 't',
    id: change.id ?? ID,
    isInternal: false,
    partitions: [handle, 8].map((logHandle, index) => ({
      index,
      leaderId: 1,
      leaderEpoch: change.leaderEpoch ?? 0,
      replicas,
      inSyncReplicas: replicas,
      eligibleLeaders: [],
      logHandle,
    })),
    configs: {},
  }
  return image
}

function partition(index = 0) {
  const found = registry.find('t', index)
  assert.ok(found !== undefined)
  return found
}

const bytes = new Uint8Array(10)

test('finds by name and by id, and nothing else', () => {
  assert.equal(partition(1).log.handle, 8)
  assert.equal(registry.findById(ID, 1), partition(1))
  assert.equal(registry.find('t', 2), undefined)
  assert.equal(registry.find('t', -1), undefined)
  assert.equal(registry.find('u', 0), undefined)
  assert.equal(registry.findById('AAAAAAAAAAAAAAAAAAAAAA', 0), undefined)
})

test('a partition that another broker leads is not served', () => {
  const image = topic()
  registry.apply({
    version: 2,
    topicsChanged: [{ ...image, partitions: image.partitions.map((p) => ({ ...p, leaderId: 2 })) }],
  })
  assert.equal(registry.find('t', 0), undefined)
})

test('a partition that is followed is read, as long as the same log follows', async () => {
  const image = topic()
  const led = partition()
  const partitions = image.partitions.map((p) => ({ ...p, leaderId: 2, leaderEpoch: 1 }))
  registry.apply({ version: 2, partitionsChanged: [{ topicId: ID, partitions }] })
  assert.equal(registry.find('t', 0), undefined)
  const followed = registry.findFollowed('t', 0)
  assert.ok(followed)
  assert.notEqual(followed, led)
  assert.equal(registry.findFollowedById(ID, 0), followed)
  assert.equal(registry.findFollowed('u', 0), undefined)
  const woken: string[] = []
  followed.whenReadable(0, 'uncommitted', () => woken.push('moved'))
  logOf(7).visible = 1
  registry.onMoved([7])
  followed.whenReadable(1, 'uncommitted', () => woken.push('led'))
  registry.apply({ version: 3, topicsChanged: [topic({ leaderEpoch: 2 })] })
  await Promise.resolve()
  assert.deepEqual(woken, ['moved', 'led'])
  assert.equal(registry.findFollowed('t', 0), undefined)
  assert.equal(partition().log.handle, 7)
})

test('an acknowledgement waits for the disk, and all replicas for the high watermark', () => {
  const ends: string[] = []
  partition().append(bytes)
  partition().whenAcknowledged(1, 'leader', 1000, (end) => ends.push(`leader ${end}`))
  partition().whenAcknowledged(1, 'all', 1000, (end) => ends.push(`all ${end}`))
  assert.deepEqual(ends, [])
  logOf(7).durable = 1
  registry.onMoved([7])
  assert.deepEqual(ends, ['leader reached'])
  logOf(7).visible = 1
  registry.onMoved([7])
  assert.deepEqual(ends, ['leader reached', 'all reached'])
})

// A record behind an append that is still being copied is not readable, and a crash loses both.
test('without group commit the leader promises what readers may see', () => {
  registry = makeRegistry('published')
  registry.apply({ version: 1, topicsChanged: [topic()] })
  const ends: WaitEnd[] = []
  partition().append(bytes)
  partition().append(bytes)
  logOf(7).visible = 1
  partition().whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends, ['reached'])
  assert.equal(watched.size, 0)
  partition().whenAcknowledged(2, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends, ['reached'])
  logOf(7).visible = 2
  registry.onMoved([7])
  assert.deepEqual(ends, ['reached', 'reached'])
})

test('what moved between the look and the watch is seen', () => {
  const ends: WaitEnd[] = []
  const log = logOf(7)
  const found = partition()
  found.append(bytes)
  registry = new ServedRegistry({
    brokerId: 1,
    deadlines: new Deadlines(clock),
    leaderPromise: 'durable',
    isSessionAlive: () => true,
    attach: logOf,
    watch: () => log.settle(),
    unwatch: () => {},
  })
  registry.apply({ version: 1, topicsChanged: [topic()] })
  partition().whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends, ['reached'])
})

test('a wait times out once, and what comes later is not told', () => {
  const ends: WaitEnd[] = []
  partition().append(bytes)
  partition().whenAcknowledged(1, 'leader', 100, (end) => ends.push(end))
  clock.advance(200)
  logOf(7).settle()
  registry.onMoved([7])
  assert.deepEqual(ends, ['timed-out'])
})

test('watches only while something waits, and lets go on the first idle move', () => {
  partition().append(bytes)
  assert.equal(watched.size, 0)
  partition().whenAcknowledged(1, 'leader', 100, () => {})
  assert.deepEqual([...watched], [7])
  logOf(7).settle()
  registry.onMoved([7])
  registry.onMoved([7])
  assert.equal(watched.size, 0)
})

test('a failed disk ends acknowledgements as offline and wakes readers', async () => {
  const ends: string[] = []
  partition().append(bytes)
  partition().whenAcknowledged(1, 'all', 1000, (end) => ends.push(end))
  partition().whenReadable(0, 'uncommitted', () => ends.push('woken'))
  logOf(7).isOffline = true
  registry.onMoved([7])
  assert.deepEqual(ends, ['offline', 'woken'])
})

test('a deleted topic ends waits as removed, also those that come later', () => {
  const ends: WaitEnd[] = []
  const held = partition()
  held.append(bytes)
  held.whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  registry.apply({ version: 2, topicsRemoved: ['t'] })
  held.whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends, ['removed', 'removed'])
  assert.equal(registry.find('t', 0), undefined)
  assert.equal(watched.size, 0)
})

test('a topic made anew under its name is another topic', () => {
  const before = partition()
  const id = 'AAAAAAAAAAAAAAAAAAAAAg'
  registry.apply({ version: 2, topicsChanged: [topic({ id, handle: 8 })] })
  assert.notEqual(partition(), before)
  assert.equal(registry.findById(ID, 0), undefined)
  assert.equal(registry.findById(id, 0), partition())
})

test('a handle taken away is an offline disk', () => {
  const ends: WaitEnd[] = []
  partition().append(bytes)
  partition().whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  registry.apply({ version: 2, topicsChanged: [topic({ handle: undefined })] })
  assert.deepEqual(ends, ['offline'])
  assert.equal(registry.find('t', 0), undefined)
})

test('a partition whose leader is somebody else by now is not an offline disk, whatever its handle', () => {
  const ends: WaitEnd[] = []
  partition().append(bytes)
  partition().whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  const image = topic({ handle: undefined })
  const partitions = image.partitions.map((p) => ({ ...p, leaderId: -1 }))
  registry.apply({ version: 2, partitionsChanged: [{ topicId: ID, partitions }] })
  assert.deepEqual(ends, ['removed'])
})

test('a reader wakes when its offset becomes visible to its isolation, once', () => {
  const woken: string[] = []
  const log = logOf(7)
  partition().whenReadable(0, 'uncommitted', () => woken.push('uncommitted'))
  partition().whenReadable(0, 'committed', () => woken.push('committed'))
  partition().append(bytes)
  registry.onMoved([7])
  assert.deepEqual(woken, [])
  log.visible = 1
  log.stable = 0
  registry.onMoved([7])
  assert.deepEqual(woken, ['uncommitted'])
  log.stable = 1
  registry.onMoved([7])
  registry.onMoved([7])
  assert.deepEqual(woken, ['uncommitted', 'committed'])
})

test('a reader of data that is there already wakes, but not before whenReadable returns', async () => {
  const woken: string[] = []
  partition().append(bytes)
  logOf(7).settle()
  partition().whenReadable(0, 'uncommitted', () => woken.push('woken'))
  const cancel = partition().whenReadable(0, 'uncommitted', () => woken.push('cancelled'))
  cancel()
  assert.deepEqual(woken, [])
  await Promise.resolve()
  assert.deepEqual(woken, ['woken'])
})

test('a new leader epoch wakes readers and shows', () => {
  let woken = 0
  partition().whenReadable(0, 'uncommitted', () => woken++)
  registry.apply({ version: 2, topicsChanged: [topic({ leaderEpoch: 3 })] })
  assert.equal(woken, 1)
  assert.equal(partition().leaderEpoch, 3)
})

test('a wait that is over at once does not overtake those before it', () => {
  const log = logOf(7)
  log.end = 2
  const order: string[] = []
  for (const acks of ['leader', 'all'] as const) {
    partition().whenAcknowledged(1, acks, 1000, () => order.push(`first ${acks}`))
  }
  // The flusher was done before the notification reached this thread.
  log.durable = 2
  log.visible = 2
  for (const acks of ['leader', 'all'] as const) {
    partition().whenAcknowledged(2, acks, 1000, () => order.push(`second ${acks}`))
  }
  assert.deepEqual(order, ['first leader', 'second leader', 'first all', 'second all'])
})

test("after its session's end a leader promises alone only what its followers confirm, at once and late", () => {
  const ends: WaitEnd[] = []
  registry.apply({ version: 2, topicsChanged: [topic({ replicas: [1, 2] })] })
  const log = logOf(7)
  const found = partition()
  const appended = (acks: 'leader' | 'all') => {
    found.append(bytes)
    found.whenAcknowledged(log.end, acks, 1000, (end) => ends.push(end))
  }
  appended('leader')
  isSessionAlive = false
  log.settle()
  registry.onMoved([7])
  assert.deepEqual(ends, ['unconfirmed'])
  appended('all')
  log.settle()
  registry.onMoved([7])
  assert.deepEqual(ends, ['unconfirmed', 'reached'])
  found.whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends.slice(2), ['unconfirmed'])
  const follower = { brokerId: 2, endOffset: 0, durableOffset: 0, lagMs: 0, mayJoin: false }
  log.progress = [{ ...follower, counts: true, confirmedMs: 10 }]
  found.whenAcknowledged(1, 'leader', 1000, (end) => ends.push(end))
  assert.deepEqual(ends.slice(3), ['reached'])
})

test('a delta of one partition changes that one, and the topic that others are looked up in', () => {
  const [first, second] = [partition(0), partition(1)]
  const [image] = topic({ leaderEpoch: 5 }).partitions
  assert.ok(image)
  registry.apply({ version: 2, partitionsChanged: [{ topicId: ID, partitions: [image] }] })
  assert.deepEqual([first.leaderEpoch, second.leaderEpoch], [5, 0])
  assert.equal(partition(0), first)
  const led = { ...image, leaderId: 2 }
  registry.apply({ version: 3, partitionsChanged: [{ topicId: ID, partitions: [led] }] })
  assert.equal(registry.find('t', 0), undefined)
  assert.equal(partition(1), second)
  registry.apply({ version: 4, partitionsChanged: [{ topicId: 'gone', partitions: [image] }] })
  assert.equal(registry.find('t', 0), undefined)
})
