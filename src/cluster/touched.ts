// What a round of changes was about, for those who look only at their part of it.
import type { Change } from '../metadata/cluster-state.js'

export class Touched {
  readonly topicIds = new Set<string>()
  brokers = false
  controller = false
  private others = false

  get isEmpty(): boolean {
    return !this.brokers && !this.controller && !this.others && this.topicIds.size === 0
  }

  add(other: Touched): void {
    for (const id of other.topicIds) this.topicIds.add(id)
    this.brokers ||= other.brokers
    this.controller ||= other.controller
    this.others ||= other.others
  }

  note(change: Change): void {
    switch (change.type) {
      case 'topic':
        this.topicIds.add(change.record.id)
        break
      case 'topic-forgotten':
      case 'partition':
      case 'partition-forgotten':
        this.topicIds.add(change.topicId)
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
}
