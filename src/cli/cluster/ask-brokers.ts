// What `millrace cluster` asks about whole brokers: that they are drained, or forgotten.
import { DRAIN } from '../../config/broker-configs.js'
import { codecFor } from '../../protocol/codec.js'
import { describeConfigs } from '../../protocol/messages/describe-configs.js'
import { incrementalAlterConfigs } from '../../protocol/messages/incremental-alter-configs.js'
import { unregisterBroker } from '../../protocol/messages/unregister-broker.js'
import type { KafkaWire } from '../kafka-wire.js'
import { refuse } from './refuse.js'

const BROKER = 4
const SET = 0
const DELETE = 1

/** Ids of those that are drained; of brokers that are not there nobody knows. */
export async function askDrained(
  wire: KafkaWire,
  brokers: readonly { readonly brokerId: number; readonly isFenced: boolean }[],
): Promise<ReadonlySet<number>> {
  const { results } = await wire.request(codecFor(describeConfigs, 4), {
    resources: brokers
      .filter(({ isFenced }) => !isFenced)
      .map(({ brokerId }) => ({
        resourceType: BROKER,
        resourceName: String(brokerId),
        configurationKeys: [DRAIN],
      })),
  })
  const drained = results.filter(({ configs }) => configs[0]?.value === 'true')
  return new Set(drained.map(({ resourceName }) => Number(resourceName)))
}

export async function askDrain(wire: KafkaWire, id: number, isDrained: boolean): Promise<void> {
  const { responses } = await wire.request(codecFor(incrementalAlterConfigs, 1), {
    validateOnly: false,
    resources: [
      {
        resourceType: BROKER,
        resourceName: String(id),
        configs: [
          {
            name: DRAIN,
            configOperation: isDrained ? SET : DELETE,
            value: isDrained ? 'true' : null,
          },
        ],
      },
    ],
  })
  for (const { errorCode, errorMessage } of responses) refuse(errorCode, errorMessage)
}

export async function askForget(wire: KafkaWire, brokerId: number): Promise<void> {
  const answer = await wire.request(codecFor(unregisterBroker, 0), { brokerId })
  refuse(answer.errorCode, answer.errorMessage)
}
