// ListPartitionReassignments: the partitions that are on the move (KIP-455).
// v0.
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponseDraft,
} from '../protocol/messages/list-partition-reassignments.js'
import type { ControlServices } from './control-services.js'
import { noError } from './failure-answer.js'
import { nested } from './nested-partitions.js'

export function listPartitionReassignments(
  request: ListPartitionReassignmentsRequest,
  { controller }: ControlServices,
): ListPartitionReassignmentsResponseDraft {
  const wanted = request.topics?.flatMap(({ name, partitionIndexes }) =>
    partitionIndexes.map((index) => `${name}/${index}`),
  )
  const isWanted = wanted && new Set(wanted)
  const moving = controller
    .reassignments()
    .filter(({ topic, index }) => isWanted?.has(`${topic}/${index}`) ?? true)
  return {
    throttleTimeMs: 0,
    ...noError,
    topics: nested(moving, ({ replicas, addingReplicas, removingReplicas }) => ({
      replicas,
      addingReplicas,
      removingReplicas,
    })).map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.map(({ index, value }) => ({ partitionIndex: index, ...value })),
    })),
  }
}

export function listPartitionReassignmentsFailed(
  errorCode: number,
): ListPartitionReassignmentsResponseDraft {
  return { throttleTimeMs: 0, errorCode, errorMessage: null, topics: [] }
}
