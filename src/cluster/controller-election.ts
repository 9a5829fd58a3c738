// Becoming the controller: one transaction on the controller epoch's version puts the session key and
// raises the epoch, so that of many that try one succeeds, and whoever was controller before is conflicted
// out of every write.
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { CONTROLLER_EPOCH_KEY, CONTROLLER_KEY } from '../metadata/keys.js'
import {
  type ControllerEpochRecord,
  type ControllerRecord,
  controllerEpochCodec,
} from '../metadata/records.js'
import type {
  MetadataStore,
  StoreCondition,
  StoreSession,
  StoreVersion,
} from '../store/metadata-store.js'
import type { ClusterView } from './cluster-view.js'
import { MetadataWriter } from './metadata-writer.js'

export interface ControllerElectionOptions {
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly brokerId: number
}

export interface Candidacy {
  readonly session: StoreSession
  /** The controller that is known to be dead: its key is replaced, unless another one has done so. */
  readonly replaces?: ControllerRecord
}

/** undefined: somebody else is, or was faster. */
export async function runForController(
  options: ControllerElectionOptions,
  { session, replaces }: Candidacy,
): Promise<Outcome<MetadataWriter | undefined>> {
  const { store, view, brokerId } = options
  const before = await readEpoch(store)
  if (!before.ok) return before
  const isOver = replaces !== undefined && before.value?.record.epoch !== replaces.epoch
  if (isOver) {
    await view.refresh([CONTROLLER_KEY, CONTROLLER_EPOCH_KEY])
    return succeed(undefined)
  }
  const epoch = { epoch: (before.value?.record.epoch ?? 0) + 1, brokerId }
  const conditions: StoreCondition[] = [
    { key: CONTROLLER_EPOCH_KEY, version: before.value?.version ?? 'absent' },
  ]
  if (replaces === undefined) conditions.push({ key: CONTROLLER_KEY, version: 'absent' })
  const raised: Change = { type: 'controller-epoch', record: epoch }
  const taken: Change = { type: 'controller', record: { brokerId, epoch: epoch.epoch } }
  const result = await store.txn(conditions, [put(raised), { ...put(taken), session }])
  switch (result.status) {
    case 'committed':
      view.committed([raised, taken], result.version)
      return upToDate(options, epoch, result.version)
    case 'conflict':
      await view.refresh([CONTROLLER_KEY, CONTROLLER_EPOCH_KEY])
      return succeed(undefined)
    case 'refused':
      return { ok: false, failure: result.failure }
    case 'unknown':
      return readBack(options, epoch, result.failure)
  }
}

// Only this broker can have put this epoch under its own id: nobody else counts beyond it before it was
// stored.
async function readBack(
  options: ControllerElectionOptions,
  epoch: ControllerEpochRecord,
  failure: Failure,
): Promise<Outcome<MetadataWriter | undefined>> {
  const found = await readEpoch(options.store)
  if (!found.ok) return { ok: false, failure }
  await options.view.refresh([CONTROLLER_KEY, CONTROLLER_EPOCH_KEY])
  const { value } = found
  const isOurs = value?.record.epoch === epoch.epoch && value.record.brokerId === epoch.brokerId
  return isOurs ? upToDate(options, epoch, value.version) : succeed(undefined)
}

// From now on nobody else writes: what is read now is what there is to decide on. What was read before
// may lack the last that the controller before this one has stored.
async function upToDate(
  options: ControllerElectionOptions,
  epoch: ControllerEpochRecord,
  epochVersion: StoreVersion,
): Promise<Outcome<MetadataWriter>> {
  const failure = await options.view.reread()
  return failure === undefined
    ? succeed(writerOf(options, epoch, epochVersion))
    : { ok: false, failure }
}

function writerOf(
  { store, view }: ControllerElectionOptions,
  epoch: ControllerEpochRecord,
  epochVersion: StoreVersion,
): MetadataWriter {
  return new MetadataWriter({ store, view, epoch, epochVersion })
}

async function readEpoch(
  store: MetadataStore,
): Promise<
  Outcome<{ readonly record: ControllerEpochRecord; readonly version: StoreVersion } | undefined>
> {
  const found = await store.get(CONTROLLER_EPOCH_KEY)
  if (!found.ok || found.value === undefined) return found.ok ? succeed(undefined) : found
  const record = controllerEpochCodec.decode(CONTROLLER_EPOCH_KEY, found.value.value)
  if (!record.ok) return record
  if (!Number.isSafeInteger(record.value.epoch + 1)) {
    return fail('STORAGE_FAILED', `the controller epoch ${record.value.epoch} is no epoch`)
  }
  return succeed({ record: record.value, version: found.value.version })
}

function put(change: Change) {
  const { key, value = new Uint8Array() } = encodeChange(change)
  return { type: 'put', key, value } as const
}
