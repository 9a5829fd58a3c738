// The control plane under the nemesis: crashes, pauses, lost answers, ended sessions, a store that is away.
// No two leaders in an epoch, no leader that may lack what was committed; and after healing all is led.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Nemesis, swarm } from '../faults.js'
import type { SimulatedHost } from '../kernel/host.js'
import { createSimulation } from '../simulation.js'
import { MetadataInvariants } from './invariants.js'
import { MemoryDisk } from './memory-disk.js'
import { PARTITIONS, SimulatedBroker, TOPIC } from './simulated-broker.js'

const SEEDS = 100
const FAULTY_MS = 60_000
const HEALING_MS = 60_000

async function run(seed: string) {
  const simulation = createSimulation(seed)
  const invariants = new MetadataInvariants(simulation.service, {
    topic: TOPIC,
    replicas: [1, 2, 3],
    minInSync: 2,
  })
  const disks = new Map(simulation.hosts.map((host) => [host, new MemoryDisk()]))
  const brokers = new Map<SimulatedHost, SimulatedBroker>()
  let isHealing = false
  const restart = (host: SimulatedHost) => {
    const id = simulation.hosts.indexOf(host) + 1
    const disk = disks.get(host) ?? new MemoryDisk()
    const calm = () => isHealing
    brokers.set(host, new SimulatedBroker({ id, host, simulation, disk, calm }))
  }
  for (const host of simulation.hosts) restart(host)
  await simulation.scheduler.runFor(10_000)
  const plan = { ...swarm(simulation.random.fork('swarm')) }
  // A store that goes back in time is another matter: brokers must refuse it.
  delete plan['restore store']
  const nemesis = new Nemesis({ simulation, plan, restart })
  nemesis.start()
  await simulation.scheduler.runFor(FAULTY_MS)
  isHealing = true
  nemesis.heal()
  await simulation.scheduler.runFor(HEALING_MS)
  return { simulation, invariants, nodes: [...brokers.values()].map(({ node }) => node) }
}

test('whatever goes wrong, an epoch has one leader, who lacks nothing; and it heals', {
  timeout: 600_000,
}, async () => {
  const reached = { elections: 0, leaderless: 0, belowMinimum: 0 }
  for (let seed = 0; seed < SEEDS; seed++) {
    const { invariants, nodes } = await run(`control ${seed}`)
    for (const [name, value] of Object.entries(reached)) {
      const key = name as keyof typeof reached
      reached[key] = value + invariants[key]
    }
    assert.equal(nodes.filter((node) => node?.isController).length, 1, `seed ${seed}: controllers`)
    for (const node of nodes) {
      const image = node?.image()
      assert.deepEqual([...(image?.brokers.keys() ?? [])].sort(), [1, 2, 3], `seed ${seed}`)
      const partitions = image?.topic(TOPIC)?.partitions ?? []
      assert.equal(partitions.length, PARTITIONS, `seed ${seed}: the topic`)
      for (const { leaderId, inSyncReplicas } of partitions) {
        assert.ok(leaderId > 0, `seed ${seed}: a partition has no leader`)
        assert.deepEqual([...inSyncReplicas].sort(), [1, 2, 3], `seed ${seed}: in sync`)
      }
    }
  }
  for (const [what, count] of Object.entries(reached)) assert.ok(count > SEEDS, `${what}: ${count}`)
})

test('one seed is one run', async () => {
  const [first, second] = [await run('same'), await run('same')]
  assert.equal(first.simulation.trace.hash, second.simulation.trace.hash)
})
