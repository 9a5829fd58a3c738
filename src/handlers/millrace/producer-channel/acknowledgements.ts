// What a channel has stored and not yet acknowledged. Acks leave once a turn, merged as far as
// sequences and offsets run on, and are held back while the client does not read.
import type { Durability } from '../../../protocol/millrace/messages.js'
import { sequenceAfter } from '../../../protocol/millrace/sequence.js'

export interface AckRange {
  readonly partition: number
  /** Through this sequence. */
  sequence: number
  /** Of the last `count` sequences; 0 with base offset -1 promises the past only. */
  count: number
  /** -1: not known. */
  readonly baseOffset: number
  bytes: number
  records: number
}

export class Acknowledgements {
  private due: AckRange[] = []

  constructor(
    private readonly channel: number,
    private readonly durability: Durability,
  ) {}

  get isEmpty(): boolean {
    return this.due.length === 0
  }

  add(range: AckRange): void {
    const last = this.due[this.due.length - 1]
    if (last !== undefined && runsOn(last, range)) {
      last.sequence = range.sequence
      last.count += range.count
      last.bytes += range.bytes
      last.records += range.records
      return
    }
    this.due.push(range)
  }

  /** Calls `send` with the JSON of each ack that is due, and `granted` with its credit. */
  drain(send: (json: string) => void, granted: (bytes: number, records: number) => void): void {
    const due = this.due
    this.due = []
    for (const ack of due) {
      granted(ack.bytes, ack.records)
      send(
        `{"type":"ack","channel":${this.channel},"partition":${ack.partition},"sequence":${ack.sequence},"count":${ack.count},` +
          `"baseOffset":${ack.baseOffset},"durability":"${this.durability}","credit":{"bytes":${ack.bytes},"records":${ack.records}}}`,
      )
    }
  }
}

function runsOn(last: AckRange, next: AckRange): boolean {
  return (
    last.partition === next.partition &&
    last.baseOffset >= 0 &&
    next.baseOffset === last.baseOffset + last.count &&
    sequenceAfter(last.sequence, next.count) === next.sequence
  )
}
