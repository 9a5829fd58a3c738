// Which partitions can be reached at another broker, and how.

import { RemoteFeed } from './remote-feed.js'
import type { RemotePlace, RemoteSurroundings } from './remote-partition.js'
import { RemotePartition } from './remote-partition.js'

let nextFeed = 1

export class RemotePartitions {
  constructor(private readonly surroundings: RemoteSurroundings) {}

  /** undefined: this broker leads it, nobody does, or whoever does is not there. */
  find(topic: string, index: number): RemotePartition | undefined {
    const image = this.surroundings.image().topic(topic)
    const partition = image?.partitions[index]
    if (image === undefined || partition === undefined) return undefined
    const { leaderId, leaderEpoch } = partition
    if (!this.surroundings.links.isReachable(leaderId)) return undefined
    const place: RemotePlace = { topic, topicId: image.id, index, leaderId, leaderEpoch }
    return new RemotePartition(place, this.surroundings)
  }

  /** Reads partitions of one leader, for one reader. */
  feed(leaderId: number, isolation: 'uncommitted' | 'committed'): RemoteFeed {
    const name = `feed ${nextFeed++}`
    return new RemoteFeed({ leaderId, isolation, name }, this.surroundings)
  }

  close(): void {
    this.surroundings.links.close()
  }
}
