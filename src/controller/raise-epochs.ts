// After an unclean stop a partition may have lost its end: whoever has read it must be able to tell
// that what follows is another history (KIP-101, KIP-320). So the same leader begins a new epoch.
import type { Change, ClusterState, Decision } from './state.js'

export function decideRaiseEpochs(
  state: ClusterState,
  partitions: readonly { readonly topicId: string; readonly index: number }[],
): Decision<void> {
  const changes = partitions.flatMap(({ topicId, index }): Change[] => {
    const topic = state.topicById(topicId)
    if (topic === undefined) return []
    const before = state.partition(topic, index)
    const { leaderEpoch } = before
    const { controllerEpoch } = state
    const record = { ...before, leaderEpoch: leaderEpoch + 1, controllerEpoch }
    return [{ type: 'partition', topicId, index, record }]
  })
  return { changes, response: undefined }
}
