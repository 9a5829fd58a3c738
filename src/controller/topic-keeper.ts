// Stores topics that were decided on, and forgets those that are gone: folders and metadata in the order in which
// neither can be left without the other. Belongs to one controller, which lets one command act at a time.
import { type Failure, fail } from '../base/errors.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import type { CommitFailure } from '../cluster/metadata-writer.js'
import type { BrokerConfig } from '../config/types.js'
import type { Change } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import type { LocalReplicas } from '../replicas/local-replicas.js'
import type { TopicOutcome } from './create-topic.js'
import { decideForgetTopics } from './delete-topic.js'
import { decideFirstLeaders } from './first-leaders.js'
import { partitionRules } from './partition-rules.js'

export interface TopicKeeperParts {
  readonly config: BrokerConfig
  readonly view: ClusterView
  readonly replicas: LocalReplicas
  /** undefined: stored. */
  commit(changes: readonly Change[]): Promise<CommitFailure | undefined>
}

const TOPICS_AT_ONCE = 50

export class TopicKeeper {
  constructor(private readonly parts: TopicKeeperParts) {}

  // Folders of this broker come first: a full disk refuses the topic instead of leaving one that cannot
  // be written.
  async store(outcomes: readonly TopicOutcome[]): Promise<readonly TopicOutcome[]> {
    const made: TopicRecord[] = []
    const refused = new Map<string, Failure>()
    for (const { name, outcome } of outcomes) {
      if (!outcome.ok || this.parts.view.state.topicById(outcome.value.id) === outcome.value)
        continue
      const failure = await this.parts.replicas.create(
        outcome.value,
        this.ownIndexes(outcome.value),
      )
      if (failure === undefined) made.push(outcome.value)
      else refused.set(name, failure)
    }
    for (let at = 0; at < made.length; at += TOPICS_AT_ONCE) {
      await this.storeSome(made.slice(at, at + TOPICS_AT_ONCE), refused)
    }
    return outcomes.map(({ name, outcome }) => {
      const refusal = outcome.ok ? refused.get(name) : undefined
      return refusal === undefined
        ? { name, outcome }
        : { name, outcome: fail(refusal.code, refusal.message) }
    })
  }

  // First who leads them, which nobody looks for before there is such a topic.
  private async storeSome(
    topics: readonly TopicRecord[],
    refused: Map<string, Failure>,
  ): Promise<void> {
    const before = topics.map(
      ({ name }) => this.parts.view.state.topic(name)?.partitions.length ?? 0,
    )
    const leaders = topics.flatMap((topic, place) =>
      decideFirstLeaders(this.parts.view.state, topic, {
        first: before[place] ?? 0,
        rules: partitionRules(this.parts.config)(topic),
      }),
    )
    const failure =
      (await this.parts.commit(leaders)) ??
      (await this.parts.commit(topics.map((record) => ({ type: 'topic', record }))))
    if (failure === undefined) return
    for (const [place, topic] of topics.entries()) {
      if (!failure.mayBeStored) await this.parts.replicas.discard(topic, before[place] ?? 0)
      refused.set(topic.name, failure)
    }
  }

  private ownIndexes(topic: TopicRecord): readonly number[] {
    const { brokerId } = this.parts.config
    return topic.partitions.flatMap(({ replicas }, index) =>
      replicas.includes(brokerId) ? [index] : [],
    )
  }

  // Only of topics whose every replica is here can this broker say that nothing is left.
  async forget(deleted: readonly TopicRecord[]): Promise<void> {
    const { brokerId } = this.parts.config
    const own = deleted.filter((topic) =>
      topic.partitions.every((_, index) =>
        this.parts.view.state.replicasOf(topic, index).every((id) => id === brokerId),
      ),
    )
    const gone = await this.parts.replicas.removeTopics(own)
    const changed = (id: string) => this.parts.view.state.changedPartitions(id)
    await this.parts.commit(decideForgetTopics(gone, changed).changes)
  }
}
