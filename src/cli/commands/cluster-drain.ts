// shell: waits. millrace cluster drain|decommission: taking a broker out, for a while or for good.
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { PartitionPlan } from '../cluster/ask.js'
import type { ClusterSnapshot } from '../cluster/health.js'
import { addClusterFlags, type ClusterFlags, withBroker } from '../cluster/session.js'
import { CommandFailure, ExitCode } from '../exit.js'
import type { KafkaWire } from '../kafka-wire.js'
import { printResult } from '../print.js'
import { wholeNumber } from '../whole-number.js'

interface DrainFlags extends ClusterFlags {
  readonly undo?: boolean
  readonly timeout: number
}

const LOOK_EVERY_MS = 500
const PLANS_AT_ONCE = 500

export function registerDrain(cluster: Command): void {
  const withTimeout = (command: Command, seconds: number) =>
    addClusterFlags(command).option(
      '--timeout <SECONDS>',
      'how long to wait for it',
      wholeNumber,
      seconds,
    )
  withTimeout(
    cluster
      .command('drain')
      .argument('<BROKER>', 'id of the broker', wholeNumber)
      .description(
        'have others lead what a broker leads, until --undo: before its machine is worked on',
      ),
    60,
  )
    .option('--undo', 'it may lead again')
    .action(drain)
  withTimeout(
    cluster
      .command('decommission')
      .argument('<BROKER>', 'id of the broker', wholeNumber)
      .description('move all replicas off a broker; once it is stopped: forget it'),
    3600,
  ).action(decommission)
}

async function drain(id: number, flags: DrainFlags): Promise<void> {
  await withBroker(flags, async (wire) => {
    const { askDrain } = await import('../cluster/ask-brokers.js')
    requireKnown(await snapshotOf(wire), id)
    await askDrain(wire, id, flags.undo !== true)
    if (flags.undo === true) {
      const text = `broker ${id} may lead again; have it do so now with: millrace cluster elect`
      return printResult(flags, { id, isDrained: false }, text)
    }
    const last = await waitUntil(wire, flags, (snapshot) => leadsNeedlessly(snapshot, id) === 0)
    const leads = last.partitions.filter(({ leader }) => leader === id).length
    const why = leadsNeedlessly(last, id) === 0 ? ' that nobody else can lead now' : ''
    const left = leads === 0 ? 'leads nothing any more' : `still leads ${leads} partitions${why}`
    printResult(flags, { id, isDrained: true, leads }, `broker ${id} is drained: it ${left}`)
    if (leads > 0) process.exitCode = ExitCode.failed
  })
}

/** How many partitions it leads that another broker could. */
function leadsNeedlessly({ partitions, brokers }: ClusterSnapshot, id: number): number {
  const others = new Set(
    brokers.filter((one) => one.id !== id && !one.isFenced && !one.isDrained).map((one) => one.id),
  )
  const couldGo = partitions.filter(
    ({ leader, inSync }) => leader === id && inSync.some((member) => others.has(member)),
  )
  return couldGo.length
}

async function decommission(id: number, flags: DrainFlags): Promise<void> {
  await withBroker(flags, async (wire) => {
    const { askDrain, askForget } = await import('../cluster/ask-brokers.js')
    const before = await snapshotOf(wire)
    const broker = requireKnown(before, id)
    await plansFor(before, id)
    // What is created from now on goes elsewhere.
    if (!broker.isFenced) await askDrain(wire, id, true)
    const plans = await plansFor(await snapshotOf(wire), id)
    await move(wire, plans)
    await emptied(wire, id, flags)
    const moved = { id, moved: plans.length }
    const holdsNothing = `broker ${id} holds nothing any more`
    if (!broker.isFenced) {
      const next = `stop it, and then have it forgotten with: millrace cluster decommission ${id}`
      return printResult(flags, { ...moved, isForgotten: false }, `${holdsNothing}; ${next}`)
    }
    await askForget(wire, id)
    printResult(flags, { ...moved, isForgotten: true }, `${holdsNothing}, and is forgotten`)
  })
}

async function plansFor(snapshot: ClusterSnapshot, id: number): Promise<readonly PartitionPlan[]> {
  const { evacuate } = await import('../cluster/evacuate.js')
  const plans = evacuate(snapshot, id)
  if (!plans.ok) throw new CommandFailure(plans.failure.message)
  return plans.value
}

async function emptied(wire: KafkaWire, id: number, flags: DrainFlags): Promise<void> {
  let told = 0
  const last = await waitUntil(wire, flags, (snapshot) => {
    const left = heldBy(snapshot, id)
    if (left !== told && flags.json !== true) process.stderr.write(`${left} replicas to move\n`)
    told = left
    return left === 0
  })
  const left = heldBy(last, id)
  if (left === 0) return
  throw new CommandFailure(
    `after ${flags.timeout} s ${left} replicas still move off broker ${id}: they go on; wait with the same command, or look with: millrace cluster reassign`,
  )
}

async function move(wire: KafkaWire, plans: readonly PartitionPlan[]): Promise<void> {
  const { askReassign } = await import('../cluster/ask.js')
  for (let at = 0; at < plans.length; at += PLANS_AT_ONCE) {
    await askReassign(wire, plans.slice(at, at + PLANS_AT_ONCE))
  }
}

function heldBy({ partitions }: ClusterSnapshot, id: number): number {
  return partitions.filter(({ replicas }) => replicas.includes(id)).length
}

function requireKnown({ brokers }: ClusterSnapshot, id: number) {
  const found = brokers.find((one) => one.id === id)
  if (found !== undefined) return found
  const known = brokers.map((one) => one.id).join(', ')
  throw new CommandFailure(`there is no broker ${id}: the cluster has ${known}`, ExitCode.notFound)
}

async function snapshotOf(wire: KafkaWire): Promise<ClusterSnapshot> {
  const { askSnapshot } = await import('../cluster/ask.js')
  return askSnapshot(wire, [])
}

/** The last that was seen, whether it is so or the time is up. */
async function waitUntil(
  wire: KafkaWire,
  { timeout }: DrainFlags,
  isSo: (snapshot: ClusterSnapshot) => boolean,
): Promise<ClusterSnapshot> {
  const deadlineMs = performance.now() + timeout * 1000
  for (;;) {
    const snapshot = await snapshotOf(wire)
    if (isSo(snapshot)) return snapshot
    if (performance.now() >= deadlineMs) return snapshot
    await pause(LOOK_EVERY_MS)
  }
}
