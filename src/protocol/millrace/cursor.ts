// Where a reader goes on: topic id, then partition, next offset and leader epoch of each partition.
// README.md has the layout. A cursor is edited in place, because every delivery carries it.
import { fail, type Outcome, succeed } from '../../base/errors.js'
import { fromBase64Url, toBase64Url } from './base64.js'
import { MAX_CURSOR_CHARACTERS } from './limits.js'

const VERSION = 1
const TOPIC_ID_BYTES = 16
const HEADER_BYTES = 1 + TOPIC_ID_BYTES
const ENTRY_BYTES = 16
const UNKNOWN_EPOCH = -1

export interface CursorPosition {
  readonly partition: number
  readonly offset: number
  /** -1: not known. */
  readonly leaderEpoch: number
}

export class Cursor {
  private constructor(
    private readonly content: Uint8Array,
    private readonly view: DataView,
  ) {}

  /** `topicId` in the 22 characters that Kafka prints. */
  static create(topicId: string, partitions: readonly number[]): Cursor {
    const content = new Uint8Array(HEADER_BYTES + partitions.length * ENTRY_BYTES)
    const cursor = new Cursor(content, new DataView(content.buffer))
    content[0] = VERSION
    const id = fromBase64Url(topicId)
    if (id !== undefined && id.length === TOPIC_ID_BYTES) content.set(id, 1)
    partitions.forEach((partition, slot) => {
      cursor.view.setInt32(cursor.at(slot), partition)
      cursor.move(slot, 0, UNKNOWN_EPOCH)
    })
    return cursor
  }

  static parse(text: string): Outcome<Cursor> {
    const content = text.length <= MAX_CURSOR_CHARACTERS ? fromBase64Url(text) : undefined
    return Cursor.read(content ?? new Uint8Array())
  }

  /** A view of `content`. */
  static read(content: Uint8Array): Outcome<Cursor> {
    if (
      content[0] !== VERSION ||
      content.length < HEADER_BYTES ||
      (content.length - HEADER_BYTES) % ENTRY_BYTES !== 0
    ) {
      return fail('INVALID_REQUEST', 'the cursor is not one that a broker gave out')
    }
    return succeed(new Cursor(content, new DataView(content.buffer, content.byteOffset)))
  }

  get topicId(): string {
    return toBase64Url(this.content.subarray(1, HEADER_BYTES))
  }

  positions(): CursorPosition[] {
    const count = (this.content.length - HEADER_BYTES) / ENTRY_BYTES
    return Array.from({ length: count }, (_, slot) => ({
      partition: this.view.getInt32(this.at(slot)),
      offset: Number(this.view.getBigInt64(this.at(slot) + 4)),
      leaderEpoch: this.view.getInt32(this.at(slot) + 12),
    }))
  }

  /** `slot`: index of the partition in the list given to create(). */
  move(slot: number, offset: number, leaderEpoch: number): void {
    this.view.setInt32(this.at(slot) + 4, Math.floor(offset / 2 ** 32))
    this.view.setInt32(this.at(slot) + 8, offset | 0)
    this.view.setInt32(this.at(slot) + 12, leaderEpoch)
  }

  /** The cursor's own memory: copied by whoever keeps it. */
  bytes(): Uint8Array {
    return this.content
  }

  toText(): string {
    return toBase64Url(this.content)
  }

  private at(slot: number): number {
    return HEADER_BYTES + slot * ENTRY_BYTES
  }
}
