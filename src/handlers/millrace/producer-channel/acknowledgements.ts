// What a channel has stored and not yet acknowledged. Acks leave once a turn, merged as far as
// sequences and offsets run on, and are held back while the client does not read. Their credit may be
// withheld: it then follows in an ack of its own, which promises what was promised already.
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
  private withheld: AckRange | undefined

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

  /** Acks went out without their credit. */
  get owesCredit(): boolean {
    return this.withheld !== undefined
  }

  /** Calls `send` with the JSON of each ack that is due; their credit follows with the next drain(). */
  drainWithoutCredit(send: (json: string) => void): void {
    const due = this.due
    this.due = []
    for (const ack of due) {
      this.withhold(ack)
      send(this.text(ack, 0, 0))
    }
  }

  /** Calls `send` with the JSON of each ack that is due, and `granted` with its credit. */
  drain(send: (json: string) => void, granted: (bytes: number, records: number) => void): void {
    // In front: acks of a partition leave in the order of their sequences.
    const due = this.withheld === undefined ? this.due : [this.withheld, ...this.due]
    this.due = []
    this.withheld = undefined
    for (const ack of due) {
      granted(ack.bytes, ack.records)
      send(this.text(ack, ack.bytes, ack.records))
    }
  }

  private withhold({ partition, sequence, bytes, records }: AckRange): void {
    this.withheld = {
      partition,
      sequence,
      count: 0,
      baseOffset: -1,
      bytes: bytes + (this.withheld?.bytes ?? 0),
      records: records + (this.withheld?.records ?? 0),
    }
  }

  private text(ack: AckRange, bytes: number, records: number): string {
    return (
      `{"type":"ack","channel":${this.channel},"partition":${ack.partition},"sequence":${ack.sequence},"count":${ack.count},` +
      `"baseOffset":${ack.baseOffset},"durability":"${this.durability}","credit":{"bytes":${bytes},"records":${records}}}`
    )
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
