// The cluster's metadata as this broker has read it: everything in the store, followed by hints. Every
// broker follows the store by itself; nobody is told by another what to believe.
//
// Reading and this broker's own writes overtake each other. Versions decide: of one key a greater one is
// younger, and a key that is missing in what was read is gone only if it was known before the reading
// began.
import type { Clock, Timer } from '../base/clock.js'
import type { Failure, Outcome } from '../base/errors.js'
import { succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { decodeChange, encodeChange } from '../metadata/change-codec.js'
import { type Change, ClusterState } from '../metadata/cluster-state.js'
import type {
  MetadataStore,
  StoredChange,
  StoredItem,
  StoreVersion,
} from '../store/metadata-store.js'
import { Touched } from './touched.js'

export interface ClusterViewOptions {
  readonly store: MetadataStore
  readonly clock: Clock
  readonly logger: Logger
}

const EVERYTHING = '/'
/** More keys than these, or this part of all, are read by one list. */
const MAX_KEYS_ONE_BY_ONE = 32
const MAX_PART_ONE_BY_ONE = 1 / 20
const RETRY_AFTER_MS = 500
const REREAD_EVERY_MS = 30_000

export class ClusterView {
  readonly state = new ClusterState()
  private readonly versions = new Map<string, StoreVersion>()
  /** Keys that this broker deleted, with the version of the transaction. */
  private readonly deleted = new Map<string, StoreVersion>()
  private readonly listeners = new Set<(touched: Touched) => void>()
  private highest: StoreVersion = 0n
  private wanted: Set<string> | 'all' | undefined
  private reading: Promise<void> | undefined
  private isClosed = false
  private readonly stopWatch: () => void
  private readonly rereading: Timer

  private constructor(private readonly options: ClusterViewOptions) {
    this.stopWatch = options.store.watch(EVERYTHING, (keys, changes) => {
      if (changes === undefined) void this.refresh(keys)
      else this.takeAll(changes)
    })
    // Hints get lost.
    this.rereading = options.clock.every(REREAD_EVERY_MS, () => void this.refresh())
  }

  static async open(options: ClusterViewOptions): Promise<Outcome<ClusterView>> {
    const view = new ClusterView(options)
    const failure = await view.readAll()
    if (failure === undefined) return succeed(view)
    view.close()
    return { ok: false, failure }
  }

  /** The greatest of any key that was read or written. */
  get highestVersion(): StoreVersion {
    return this.highest
  }

  versionOf(key: string): StoreVersion | 'absent' {
    return this.versions.get(key) ?? 'absent'
  }

  /** Called after each change, when the state has it. */
  onChange(listener: (touched: Touched) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** What this broker has just stored. */
  committed(changes: readonly Change[], version: StoreVersion): void {
    const touched = new Touched()
    for (const change of changes) {
      const { key, value } = encodeChange(change)
      if (version <= (this.versions.get(key) ?? 0n)) continue
      if (value === undefined) {
        this.versions.delete(key)
        this.deleted.set(key, version)
      } else {
        this.versions.set(key, version)
      }
      this.replay(change, touched)
    }
    if (version > this.highest) this.highest = version
    this.tell(touched)
  }

  /** Reads what may have changed; resolves when everything up to this call is in the state, or failed. */
  async refresh(keys?: readonly string[]): Promise<void> {
    if (this.isClosed) return
    if (keys === undefined) this.wanted = 'all'
    else if (this.wanted !== 'all') this.wanted = new Set([...(this.wanted ?? []), ...keys])
    // One reading at a time; what is being read now may have been read before the change.
    if (this.reading !== undefined) await this.reading
    this.reading ??= this.readWanted()
    await this.reading
  }

  /** Reads everything, after what is being read; a failure means that the state may be an old one. */
  async reread(): Promise<Failure | undefined> {
    while (this.reading !== undefined) await this.reading
    let failure: Failure | undefined
    this.reading = this.readAll().then((outcome) => {
      failure = outcome
      this.reading = undefined
    })
    await this.reading
    return failure
  }

  close(): void {
    this.isClosed = true
    this.stopWatch()
    this.rereading.cancel()
    this.listeners.clear()
  }

  private async readWanted(): Promise<void> {
    const { wanted } = this
    this.wanted = undefined
    const few = Math.max(MAX_KEYS_ONE_BY_ONE, this.versions.size * MAX_PART_ONE_BY_ONE)
    const all = wanted === 'all' || (wanted?.size ?? 0) > few
    let failure: Failure | undefined
    try {
      failure = all ? await this.readAll() : await this.readKeys([...(wanted ?? [])])
    } finally {
      this.reading = undefined
    }
    if (failure === undefined || this.isClosed) return
    this.options.logger.warn('the metadata could not be read', { reason: failure.message })
    this.options.clock.after(RETRY_AFTER_MS, () => {
      void this.refresh(all ? undefined : [...(wanted ?? [])])
    })
  }

  private async readAll(): Promise<Failure | undefined> {
    const before = this.highest
    const items = await this.options.store.list(EVERYTHING)
    if (!items.ok) return items.failure
    const touched = new Touched()
    const found = new Set<string>()
    let failure: Failure | undefined
    for (const item of items.value) {
      found.add(item.key)
      failure ??= this.take(item, touched)
    }
    for (const [key, version] of this.versions) {
      if (!found.has(key) && version <= before) this.drop(key, touched)
    }
    for (const [key, version] of this.deleted) if (version <= before) this.deleted.delete(key)
    this.tell(touched)
    return failure
  }

  private async readKeys(keys: readonly string[]): Promise<Failure | undefined> {
    const before = this.highest
    const read = await Promise.all(keys.map((key) => this.options.store.get(key)))
    const touched = new Touched()
    let failure: Failure | undefined
    keys.forEach((key, index) => {
      const found = read[index]
      if (found === undefined) return
      if (!found.ok) failure ??= found.failure
      else if (found.value !== undefined) failure ??= this.take({ key, ...found.value }, touched)
      else if ((this.versions.get(key) ?? before + 1n) <= before) this.drop(key, touched)
    })
    this.tell(touched)
    return failure
  }

  private takeAll(changes: readonly StoredChange[]): void {
    if (this.isClosed) return
    const touched = new Touched()
    let failure: Failure | undefined
    for (const { key, value, version } of changes) {
      if (value === undefined) this.dropAt(version, key, touched)
      else failure ??= this.take({ key, value, version }, touched)
    }
    this.tell(touched)
    if (failure !== undefined) void this.refresh(changes.map(({ key }) => key))
  }

  // What cannot be understood is left as it was known; it is told, and nothing is guessed.
  private take({ key, value, version }: StoredItem, touched: Touched): Failure | undefined {
    if (version <= (this.versions.get(key) ?? 0n) || version <= (this.deleted.get(key) ?? 0n)) {
      return undefined
    }
    const change = decodeChange({ key, value })
    if (change?.ok === false) return change.failure
    this.versions.set(key, version)
    if (version > this.highest) this.highest = version
    if (change !== undefined) this.replay(change.value, touched)
    return undefined
  }

  // What is being read now may be older, and must not bring it back.
  private dropAt(version: StoreVersion, key: string, touched: Touched): void {
    if (version <= (this.versions.get(key) ?? 0n)) return
    if (version <= (this.deleted.get(key) ?? 0n)) return
    if (this.versions.has(key)) this.drop(key, touched)
    this.deleted.set(key, version)
    if (version > this.highest) this.highest = version
  }

  private drop(key: string, touched: Touched): void {
    this.versions.delete(key)
    const change = decodeChange({ key, value: undefined })
    if (change?.ok) this.replay(change.value, touched)
  }

  private replay(change: Change, touched: Touched): void {
    this.state.replay(change)
    touched.note(change)
  }

  private tell(touched: Touched): void {
    if (touched.isEmpty) return
    for (const listener of [...this.listeners]) listener(touched)
  }
}
