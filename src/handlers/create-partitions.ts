// CreatePartitions: adds partitions to topics.
// v0-v3.
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponseDraft,
} from '../protocol/messages/create-partitions.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'
import { errorFields, noError, splitDuplicates } from './failure-answer.js'

export async function createPartitions(
  request: CreatePartitionsRequest,
  { controller }: ControlServices,
): Promise<CreatePartitionsResponseDraft> {
  const { single, duplicated } = splitDuplicates(request.topics, ({ name }) => name)
  const { validateOnly } = request
  const outcomes = await controller.createPartitions(single, { validateOnly })
  return {
    throttleTimeMs: 0,
    results: [
      ...duplicated.map((name) => ({
        name,
        errorCode: kafkaError.INVALID_REQUEST,
        errorMessage: 'Duplicate topic name.',
      })),
      ...outcomes.map(({ name, outcome }) => ({
        name,
        ...(outcome.ok ? noError : errorFields(outcome.failure)),
      })),
    ],
  }
}

export function createPartitionsFailed(
  errorCode: number,
  request: CreatePartitionsRequest,
): CreatePartitionsResponseDraft {
  const results = request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null }))
  return { throttleTimeMs: 0, results }
}
