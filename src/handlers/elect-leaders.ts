// ElectLeaders: has leaders elected for partitions, the preferred ones or any at all (KIP-460).
// v0-v2; v0 knows the preferred ones only.
import type { ElectionRequest, ElectionType } from '../controller/request-election.js'
import type {
  ElectLeadersRequest,
  ElectLeadersResponseDraft,
} from '../protocol/messages/elect-leaders.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'
import { errorFields, noError } from './failure-answer.js'
import { nested } from './nested-partitions.js'

const TYPES: readonly (ElectionType | undefined)[] = ['preferred', 'unclean']

export async function electLeaders(
  request: ElectLeadersRequest,
  { controller }: ControlServices,
): Promise<ElectLeadersResponseDraft> {
  const type = TYPES[request.electionType]
  if (type === undefined) return electLeadersFailed(kafkaError.INVALID_REQUEST)
  const asked = askedOf(request, type) ?? everyPartition(controller, type)
  const outcomes = await controller.electLeaders(asked)
  const told = asked.flatMap((one, at) => {
    const outcome = outcomes[at]
    const failure = outcome?.ok === false ? outcome.failure : undefined
    // As Kafka: whoever asks for all hears of those that needed it.
    const isNews = request.topicPartitions !== null || failure?.code !== 'ELECTION_NOT_NEEDED'
    return isNews
      ? [{ ...one, answer: failure === undefined ? noError : errorFields(failure) }]
      : []
  })
  return {
    throttleTimeMs: 0,
    errorCode: kafkaError.NONE,
    replicaElectionResults: nested(told, ({ answer }) => answer).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map(({ index, value }) => ({ partitionId: index, ...value })),
    })),
  }
}

export function electLeadersFailed(errorCode: number): ElectLeadersResponseDraft {
  return { throttleTimeMs: 0, errorCode, replicaElectionResults: [] }
}

function askedOf(
  { topicPartitions }: ElectLeadersRequest,
  type: ElectionType,
): readonly ElectionRequest[] | undefined {
  return topicPartitions?.flatMap(({ topic, partitions }) =>
    partitions.map((index) => ({ type, topic, index })),
  )
}

function everyPartition(
  controller: ControlServices['controller'],
  type: ElectionType,
): readonly ElectionRequest[] {
  return [...controller.image().topics()].flatMap(({ name, partitions }) =>
    partitions.map(({ index }) => ({ type, topic: name, index })),
  )
}
