// A watch that goes on until it is stopped, whichever members come and go: one stream at a time.
import type { Clock, Timer } from '../../base/clock.js'
import type { Logger } from '../../base/logger.js'
import type { Random } from '../../base/random.js'
import type { StoredChange, StoreHint } from '../metadata-store.js'
import { type EtcdEndpoint, nameOf } from './address.js'
import { base64, bytesIn, int64In, type JsonObject, objectIn, objectsIn, textIn } from './json.js'
import { WatchStream } from './watch-stream.js'

export interface WatchOptions {
  readonly endpoints: readonly EtcdEndpoint[]
  /** Which of them is asked first. */
  readonly first: number
  readonly range: { readonly key: Uint8Array; readonly range_end: Uint8Array }
  /** What has changed since this revision counts, though the stream begins later. */
  readonly since: bigint
  readonly hint: StoreHint
  /** What the store calls the key of an item of etcd's. */
  readonly keyOf: (item: JsonObject) => string
  /** A message that need not be checked by reading. */
  readonly isCurrent: (message: JsonObject) => boolean
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** A stream over a connection that died in silence is noticed by nobody: it is opened anew so often. */
const RENEW_EVERY_MS = 30_000
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

export class Watch {
  private stream: WatchStream | undefined
  private at: number
  private failures = 0
  private connectedBefore = false
  private stopped = false
  private timer: Timer | undefined
  private readonly renewing: Timer

  constructor(private readonly options: WatchOptions) {
    this.at = options.first
    this.renewing = options.clock.every(RENEW_EVERY_MS, () => this.renew())
    this.connect()
  }

  stop(): void {
    this.stopped = true
    this.renewing.cancel()
    this.timer?.cancel()
    this.stream?.close()
  }

  private renew(): void {
    this.hint()
    // One that is being opened, or waits for its turn, is new enough.
    if (this.timer !== undefined) return
    this.stream?.close()
    this.connect()
  }

  private connect(): void {
    const { endpoints, clock, connectTimeoutMs } = this.options
    const endpoint = endpoints[this.at % endpoints.length]
    if (endpoint === undefined) return
    const ended = (problem: string) => this.retry(endpoint, problem)
    const stream = new WatchStream({
      endpoint,
      body: { create_request: this.createRequest() },
      message: (result) => this.take(result),
      ended,
    })
    this.stream = stream
    this.timer = clock.after(connectTimeoutMs, () => {
      stream.close()
      ended('no answer in time')
    })
  }

  private createRequest(): JsonObject {
    const { range, since } = this.options
    const create = { key: base64(range.key), range_end: base64(range.range_end) }
    // Afterwards the hint that follows each connection covers what was missed.
    return this.connectedBefore ? create : { ...create, start_revision: `${since + 1n}` }
  }

  private take(result: JsonObject): void {
    if (result.created !== true) {
      this.hint(objectsIn(result, 'events'), this.options.isCurrent(result))
      return
    }
    this.timer?.cancel()
    this.timer = undefined
    this.failures = 0
    if (this.connectedBefore) this.hint()
    this.connectedBefore = true
  }

  private retry(endpoint: EtcdEndpoint, problem: string): void {
    if (this.stopped) return
    const { clock, random, logger } = this.options
    logger.debug('a watch of etcd is opened again', { endpoint: nameOf(endpoint), problem })
    this.timer?.cancel()
    this.at++
    this.connectedBefore = true // a start that etcd has compacted is not asked for again
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 10))
    this.timer = clock.after(pauseMs * (0.5 + random.next() / 2), () => this.connect())
  }

  // Without events, of progress or of a stream that begins anew, nothing is said of keys.
  private hint(events: readonly JsonObject[] = [], isCurrent = false): void {
    const changes = events.map((event) => this.changeOf(event))
    const keys = changes.length === 0 ? undefined : changes.map(({ key }) => key)
    queueMicrotask(() => {
      if (!this.stopped) this.options.hint(keys, isCurrent && keys ? changes : undefined)
    })
  }

  private changeOf(event: JsonObject): StoredChange {
    const item = objectIn(event, 'kv') ?? {}
    const isDeleted = textIn(event, 'type') === 'DELETE'
    const value = isDeleted ? undefined : bytesIn(item, 'value')
    return { key: this.options.keyOf(item), value, version: int64In(item, 'mod_revision') }
  }
}
