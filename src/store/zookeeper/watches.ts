// Hints that something under a prefix has changed: when ZooKeeper says so, after each connection, as what
// happened before it was seen by nobody, and now and then without any reason.
import type { Clock, Timer } from '../../base/clock.js'
import type { Logger } from '../../base/logger.js'
import type { StoreHint } from '../metadata-store.js'
import type { Connection } from './connection.js'
import { watchTree } from './messages.js'

interface Watch {
  readonly prefix: string
  readonly hint: StoreHint
  due: boolean
  /** What is due; undefined: anything may have changed. */
  keys: Set<string> | undefined
}

export interface WatchesOptions {
  readonly root: string
  readonly clock: Clock
  readonly logger: Logger
  readonly everyMs: number
}

const ANSWER_WITHIN_MS = 10_000

export class Watches {
  private readonly watches = new Set<Watch>()
  private readonly timer: Timer

  constructor(private readonly options: WatchesOptions) {
    this.timer = options.clock.every(options.everyMs, () => this.hintAll())
  }

  add(prefix: string, hint: StoreHint): () => void {
    const watch: Watch = { prefix, hint, due: false, keys: new Set() }
    this.watches.add(watch)
    return () => {
      this.watches.delete(watch)
    }
  }

  /** One watch over the whole tree; ZooKeeper forgets it with the connection. */
  async connected(connection: Connection): Promise<void> {
    const reply = await connection.request(watchTree(this.options.root), ANSWER_WITHIN_MS)
    if (reply.status === 'error') {
      const { code } = reply
      this.options.logger.warn('ZooKeeper does not tell of changes', { code })
    } else if (reply.status === 'lost' && connection.isOpen) {
      connection.drop(reply.failure.message)
    }
    this.hintAll()
  }

  changed(path: string): void {
    const key = path.slice(this.options.root.length)
    for (const watch of this.watches) {
      if (!key.startsWith(watch.prefix)) continue
      watch.keys?.add(key)
      this.hint(watch)
    }
  }

  close(): void {
    this.timer.cancel()
    this.watches.clear()
  }

  private hintAll(): void {
    for (const watch of this.watches) {
      watch.keys = undefined
      this.hint(watch)
    }
  }

  /** Once for all the events that arrive together. */
  private hint(watch: Watch): void {
    if (watch.due) return
    watch.due = true
    queueMicrotask(() => {
      const { keys } = watch
      watch.due = false
      watch.keys = new Set()
      if (this.watches.has(watch)) watch.hint(keys && [...keys])
    })
  }
}
