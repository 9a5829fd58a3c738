// AlterPartitionReassignments: moves partitions to other brokers, or stops doing so (KIP-455).
// v0-v1 (KIP-860: allowReplicationFactorChange).
import type { Reassignment } from '../controller/reassign.js'
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponseDraft,
} from '../protocol/messages/alter-partition-reassignments.js'
import type { ControlServices } from './control-services.js'
import { errorFields, noError } from './failure-answer.js'
import { nested } from './nested-partitions.js'

export async function alterPartitionReassignments(
  request: AlterPartitionReassignmentsRequest,
  { controller }: ControlServices,
): Promise<AlterPartitionReassignmentsResponseDraft> {
  const { allowReplicationFactorChange } = request
  const asked = request.topics.flatMap(({ name, partitions }) =>
    partitions.map(
      ({ partitionIndex, replicas }): Reassignment => ({
        topic: name,
        index: partitionIndex,
        target: replicas,
        keepsReplicationFactor: !allowReplicationFactorChange,
      }),
    ),
  )
  const outcomes = await controller.alterReassignments(asked)
  return {
    throttleTimeMs: 0,
    allowReplicationFactorChange,
    ...noError,
    // As Kafka, where nothing is asked for.
    ...(asked.length === 0 ? { errorMessage: '' } : {}),
    responses: nested(asked, (_, at) => {
      const outcome = outcomes[at]
      return outcome?.ok === false ? errorFields(outcome.failure) : noError
    }).map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.map(({ index, value }) => ({ partitionIndex: index, ...value })),
    })),
  }
}

export function alterPartitionReassignmentsFailed(
  errorCode: number,
  request: AlterPartitionReassignmentsRequest,
): AlterPartitionReassignmentsResponseDraft {
  const { allowReplicationFactorChange } = request
  return {
    throttleTimeMs: 0,
    allowReplicationFactorChange,
    errorCode,
    errorMessage: null,
    responses: [],
  }
}
