// What replaying the frames of metadata.log gives: the live keys and the last version.
import type {
  StoreCondition,
  StoredItem,
  StoredValue,
  StoreOperation,
  TransactionResult,
} from '../metadata-store.js'
import type { Entry, Frame } from './frame.js'

interface Live extends StoredValue {
  readonly forSession: boolean
}

export class StoreState {
  revision = 0n
  private readonly live = new Map<string, Live>()

  static replay(frames: readonly Frame[]): StoreState {
    const state = new StoreState()
    for (const frame of frames) state.apply(frame)
    // A session ends with its process, and one broker is one process.
    for (const [key, value] of state.live) {
      if (value.forSession) state.live.delete(key)
    }
    return state
  }

  apply(frame: Frame): void {
    if (frame.kind === 'snapshot') this.live.clear()
    if (frame.revision > this.revision) this.revision = frame.revision
    for (const entry of frame.entries) {
      if (entry.type === 'delete') this.live.delete(entry.key)
      else this.live.set(entry.key, entry)
    }
  }

  get(key: string): StoredValue | undefined {
    return this.live.get(key)
  }

  list(prefix: string): readonly StoredItem[] {
    const items: StoredItem[] = []
    for (const [key, { value, version }] of this.live) {
      if (key.startsWith(prefix)) items.push({ key, value, version })
    }
    return items.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  snapshot(): Frame {
    const entries: Entry[] = []
    for (const [key, live] of this.live) {
      const { value, version, forSession } = live
      entries.push({ type: 'put', key, value, version, forSession })
    }
    return { kind: 'snapshot', revision: this.revision, entries }
  }
}

/** The state as it will be when the frame that is being made up has been written. */
export class StagedState {
  private readonly entries: Entry[] = []
  private readonly staged = new Map<string, bigint | 'absent'>()
  private revision: bigint

  constructor(private readonly state: StoreState) {
    this.revision = state.revision
  }

  run(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): TransactionResult {
    const violated = conditions.find(({ key, version }) => this.versionOf(key) !== version)
    if (violated !== undefined) return { status: 'conflict', key: violated.key }
    const version = ++this.revision
    for (const operation of operations) this.stage(operation, version)
    return { status: 'committed', version }
  }

  /** undefined: nothing to write. */
  frame(): Frame | undefined {
    const { entries, revision } = this
    return entries.length === 0 ? undefined : { kind: 'transactions', revision, entries }
  }

  private stage(operation: StoreOperation, version: bigint): void {
    const { key } = operation
    if (operation.type === 'delete') {
      this.entries.push({ type: 'delete', key })
      this.staged.set(key, 'absent')
      return
    }
    const forSession = operation.session !== undefined
    this.entries.push({ type: 'put', key, value: operation.value.slice(), version, forSession })
    this.staged.set(key, version)
  }

  private versionOf(key: string): bigint | 'absent' {
    return this.staged.get(key) ?? this.state.get(key)?.version ?? 'absent'
  }
}
