// The metadata store of a single broker: all keys in memory, every change in one file before anyone
// hears of it. Belongs to one thread of one process; the data directory's lock keeps others out.
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type MetadataStore,
  type StoreCondition,
  type StoredItem,
  type StoredValue,
  type StoreHint,
  type StoreOperation,
  type StoreSession,
  type TransactionResult,
} from '../metadata-store.js'
import type { Frame } from './frame.js'
import { Hints } from './hints.js'
import { type Journal, openJournal } from './journal.js'
import { SessionKeys } from './session-keys.js'
import { StagedState, StoreState } from './state.js'
import { nodeStoreFiles, type StoreFiles } from './store-files.js'

export interface EmbeddedStoreOptions {
  readonly path: string
  readonly files?: StoreFiles
  /** The file is written anew when it is larger than this and than four times what lives in it. */
  readonly compactAboveBytes?: number
}

const COMPACT_ABOVE_BYTES = 4 << 20

export async function openEmbeddedStore(
  options: EmbeddedStoreOptions,
): Promise<Outcome<MetadataStore>> {
  const opened = await openJournal({
    path: options.path,
    files: options.files ?? nodeStoreFiles,
    compactAboveBytes: options.compactAboveBytes ?? COMPACT_ABOVE_BYTES,
  })
  if (!opened.ok) return opened
  return succeed(new EmbeddedStore(opened.value.journal, StoreState.replay(opened.value.frames)))
}

interface Waiting {
  readonly conditions: readonly StoreCondition[]
  readonly operations: readonly StoreOperation[]
  readonly done: (result: TransactionResult) => void
}

class EmbeddedStore implements MetadataStore {
  private readonly waiting: Waiting[] = []
  private readonly hints = new Hints()
  private readonly sessions = new SessionKeys()
  private writing: Promise<void> | undefined

  constructor(
    private readonly journal: Journal,
    private readonly state: StoreState,
  ) {}

  async get(key: string): Promise<Outcome<StoredValue | undefined>> {
    const { failure } = this.journal
    return failure ? { ok: false, failure } : succeed(this.state.get(key))
  }

  async list(prefix: string): Promise<Outcome<readonly StoredItem[]>> {
    const { failure } = this.journal
    return failure ? { ok: false, failure } : succeed(this.state.list(prefix))
  }

  txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): Promise<TransactionResult> {
    const failure = this.journal.failure ?? problemOf(operations)
    if (failure !== undefined) return Promise.resolve({ status: 'refused', failure })
    return new Promise((done) => {
      this.waiting.push({ conditions, operations, done })
      this.writing ??= this.writeAll()
    })
  }

  watch(prefix: string, hint: StoreHint): () => void {
    return this.hints.add(prefix, hint)
  }

  // The store lives in the broker's own process, so a session lasts as long as both are well.
  async openSession(): Promise<Outcome<StoreSession>> {
    const { failure } = this.journal
    if (failure) return { ok: false, failure }
    const id = this.sessions.open()
    let ended = false
    return succeed({
      id,
      validUntilMs: () =>
        ended || this.journal.failure !== undefined
          ? Number.NEGATIVE_INFINITY
          : Number.POSITIVE_INFINITY,
      close: async () => {
        ended = true
        // What was put for the session and is still being written belongs to it, too.
        while (this.writing !== undefined) await this.writing
        const keys = this.sessions.close(id)
        if (keys.length > 0) {
          await this.txn(
            [],
            keys.map((key) => ({ type: 'delete', key })),
          )
        }
      },
    })
  }

  async close(): Promise<void> {
    while (this.writing !== undefined) await this.writing
    await this.journal.close()
  }

  // One frame a round: whoever arrives during a sync shares the next one.
  private async writeAll(): Promise<void> {
    await Promise.resolve()
    while (this.waiting.length > 0) {
      const round = this.waiting.splice(0)
      const { results, frame } = this.stage(round)
      const failure = frame === undefined ? this.journal.failure : await this.journal.append(frame)
      if (failure === undefined && frame !== undefined) this.publish(round, results, frame)
      round.forEach(({ done }, index) => {
        const result = results[index]
        // A conflict, too, may rest on a transaction of this round that was perhaps not written.
        if (failure !== undefined) done({ status: 'unknown', failure })
        else if (result !== undefined) done(result)
      })
      await this.journal.compact(() => this.state.snapshot())
    }
    this.writing = undefined
  }

  private stage(round: readonly Waiting[]): {
    readonly results: readonly TransactionResult[]
    readonly frame: Frame | undefined
  } {
    const staged = new StagedState(this.state)
    const results = round.map(({ conditions, operations }) => staged.run(conditions, operations))
    return { results, frame: staged.frame() }
  }

  private publish(
    round: readonly Waiting[],
    results: readonly TransactionResult[],
    frame: Frame,
  ): void {
    this.state.apply(frame)
    round.forEach(({ operations }, index) => {
      if (results[index]?.status === 'committed') this.sessions.note(operations)
    })
    this.hints.changed(frame.entries.map((entry) => entry.key))
  }
}

function problemOf(operations: readonly StoreOperation[]): Failure | undefined {
  const keys = new Set<string>()
  for (const operation of operations) {
    const { key } = operation
    if (keys.has(key)) return invalid(`a transaction changes ${key} twice`)
    keys.add(key)
    if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES) {
      return invalid(`a key has 1 to ${MAX_KEY_BYTES} bytes, not ${Buffer.byteLength(key)}`)
    }
    if (operation.type === 'put' && operation.value.length > MAX_VALUE_BYTES) {
      return invalid(
        `the value of ${key} has ${operation.value.length} bytes; at most ${MAX_VALUE_BYTES} are stored`,
      )
    }
    if (
      operation.type === 'put' &&
      operation.session?.validUntilMs() === Number.NEGATIVE_INFINITY
    ) {
      return invalid(`${key} is to be put for session ${operation.session.id}, which has ended`)
    }
  }
  return undefined
}

function invalid(message: string): Failure {
  return fail('INVALID_REQUEST', message).failure
}
