// What a round of changes was about, for those who look only at their part of it.
import type { Change } from '../metadata/cluster-state.js'

/** Partitions of one topic by index, or the topic with all of them. */
export type TouchedPartitions = 'all' | ReadonlySet<number>

export class Touched {
  private readonly byTopic = new Map<string, 'all' | Set<number>>()
  brokers = false
  controller = false
  private others = false

  get isEmpty(): boolean {
    return !this.brokers && !this.controller && !this.others && this.byTopic.size === 0
  }

  get topicIds(): Iterable<string> {
    return this.byTopic.keys()
  }

  get topics(): Iterable<readonly [string, TouchedPartitions]> {
    return this.byTopic
  }

  get hasTopics(): boolean {
    return this.byTopic.size > 0
  }

  addTopic(id: string): void {
    this.byTopic.set(id, 'all')
  }

  add(other: Touched): void {
    for (const [id, partitions] of other.byTopic) {
      if (partitions === 'all') this.addTopic(id)
      else for (const index of partitions) this.addPartition(id, index)
    }
    this.brokers ||= other.brokers
    this.controller ||= other.controller
    this.others ||= other.others
  }

  note(change: Change): void {
    switch (change.type) {
      case 'topic':
        this.addTopic(change.record.id)
        break
      case 'topic-forgotten':
        this.addTopic(change.topicId)
        break
      case 'partition':
      case 'partition-forgotten':
        this.addPartition(change.topicId, change.index)
        break
      case 'broker':
      case 'broker-gone':
      case 'broker-state':
      case 'unavailable':
      case 'unavailable-gone':
        this.brokers = true
        break
      case 'controller':
      case 'controller-gone':
      case 'controller-epoch':
        this.controller = true
        break
      case 'cluster':
      case 'producer-ids':
        this.others = true
    }
  }

  private addPartition(topicId: string, index: number): void {
    const known = this.byTopic.get(topicId)
    if (known === undefined) this.byTopic.set(topicId, new Set([index]))
    else if (known !== 'all') known.add(index)
  }
}
