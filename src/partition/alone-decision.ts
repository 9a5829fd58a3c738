// May a leader acknowledge on its own promise, which acks=1 asks for? While its session lives, nobody else
// leads. After that, somebody else may do so that this broker has not heard of: but whoever can be elected
// is in sync or eligible (KIP-966), and one that has just followed this epoch did not lead a newer one.
// What acks=all promises needs none of this: its followers refuse a leader of an older epoch.
import type { ReplicaProgress } from '../log/types.js'

export interface Leadership {
  readonly brokerId: number
  /** This broker's session lives; read at this moment, not remembered. */
  readonly isSessionAlive: boolean
  readonly inSyncReplicas: readonly number[]
  readonly eligibleLeaders: readonly number[]
}

/** Three times what a fetch of a follower that has nothing to fetch is parked. */
export const CONFIRMED_WITHIN_MS = 1500

export function mayAcknowledgeAlone(
  leadership: Leadership,
  progress: () => readonly ReplicaProgress[],
): boolean {
  if (leadership.isSessionAlive) return true
  const { brokerId, inSyncReplicas, eligibleLeaders } = leadership
  const replicas = progress()
  const counting = replicas.filter(({ counts }) => counts).map((replica) => replica.brokerId)
  const electable = new Set([...inSyncReplicas, ...eligibleLeaders, ...counting])
  electable.delete(brokerId)
  return [...electable].every((id) => {
    const confirmedMs = replicas.find((replica) => replica.brokerId === id)?.confirmedMs ?? -1
    return confirmedMs >= 0 && confirmedMs <= CONFIRMED_WITHIN_MS
  })
}
