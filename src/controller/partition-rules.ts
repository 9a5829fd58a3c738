// What a topic's configs say about its elections.
import { type TopicConfigDefaults, topicConfigValue } from '../config/topic-config-values.js'
import type { TopicRecord } from '../metadata/records.js'
import type { PartitionRules } from './elect-leader.js'

export function partitionRules(
  broker: TopicConfigDefaults,
): (topic: Pick<TopicRecord, 'configs'>) => PartitionRules {
  return ({ configs }) => ({
    minInSync: Number(topicConfigValue('min.insync.replicas', configs, broker)),
    allowsUncleanElection:
      topicConfigValue('unclean.leader.election.enable', configs, broker) === 'true',
  })
}
