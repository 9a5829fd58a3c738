// etcd counts every change of the whole store. An answer to a linearizable request that counts less than
// one seen before it was sent comes from a store that was restored, or from another one: versions in it
// mean other values, so nothing may be read or written through this store any more.
import { type Failure, fail } from '../../base/errors.js'
import { int64In, type JsonObject, objectIn, textIn } from './json.js'

export class History {
  private clusterId = ''
  private highest = 0n
  private broken: Failure | undefined

  get failure(): Failure | undefined {
    return this.broken
  }

  /** The last revision of a linearizable answer. */
  get revision(): bigint {
    return this.highest
  }

  /** `seenBefore`: what `revision` was when the request was sent; answers overtake each other. */
  continues(answer: JsonObject, seenBefore: bigint): boolean {
    const header = objectIn(answer, 'header')
    const clusterId = textIn(header, 'cluster_id')
    if (this.clusterId === '') this.clusterId = clusterId
    const revision = int64In(header, 'revision')
    if (clusterId !== this.clusterId || revision < seenBefore) return false
    if (revision > this.highest) this.highest = revision
    return true
  }

  /** What is not linearizable may lag; it can be believed where it knows of all that has been seen. */
  knows(answer: JsonObject): boolean {
    const header = objectIn(answer, 'header')
    const revision = int64In(header, 'revision')
    return textIn(header, 'cluster_id') === this.clusterId && revision >= this.highest
  }

  /** For good: not even a revision that has grown beyond the last one says what happened in between. */
  end(): Failure {
    this.broken ??= fail(
      'STORAGE_FAILED',
      `the store went back in time: after revision ${this.highest} etcd answers with an older one, or as another cluster; it was restored from a copy, or the address leads elsewhere`,
    ).failure
    return this.broken
  }
}
