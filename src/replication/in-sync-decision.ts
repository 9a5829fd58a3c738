// Who belongs into a partition's in-sync set, as its leader sees it: whoever has caught up and promises
// what is committed joins, whoever has fallen behind for too long leaves.
import type { ReplicaProgress } from '../log/types.js'

export interface InSyncSituation {
  readonly localId: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  /** Who is there and stays: nobody else may join. */
  readonly joinable: (brokerId: number) => boolean
  readonly progress: readonly ReplicaProgress[]
  /** replica.lag.time.max.ms */
  readonly lagMaxMs: number
}

/** undefined: it is right as it is. */
export function inSyncWanted(situation: InSyncSituation): readonly number[] | undefined {
  const { localId, replicas, inSync, joinable, progress, lagMaxMs } = situation
  const byId = new Map(progress.map((replica) => [replica.brokerId, replica]))
  const belongs = (id: number): boolean => {
    if (id === localId) return true
    const replica = byId.get(id)
    if (inSync.includes(id)) return (replica?.lagMs ?? 0) <= lagMaxMs
    return replica?.mayJoin === true && joinable(id)
  }
  const wanted = replicas.filter(belongs)
  return wanted.length === inSync.length && wanted.every((id) => inSync.includes(id))
    ? undefined
    : wanted
}
