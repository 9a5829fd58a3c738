// Answers leave in the order of their requests, whichever is ready first.
import type { AnswerChunks } from './types.js'

/** A request whose answer has not left; `answer` is undefined until it is known. */
export interface AnswerSlot {
  answer: AnswerChunks | null | undefined
  readonly requestBytes: number
}

/** Released slots stay in the array until there are this many and they are the majority. */
const COMPACT_AT = 256

export class AnswerQueue {
  private slots: AnswerSlot[] = []
  private head = 0
  private bytes = 0

  /** Requests that wait for their answer, or for that of an earlier one. */
  get length(): number {
    return this.slots.length - this.head
  }

  /** The bytes of their frames. */
  get requestBytes(): number {
    return this.bytes
  }

  add(answer: AnswerChunks | null | undefined, requestBytes: number): AnswerSlot {
    const slot: AnswerSlot = { answer, requestBytes }
    this.slots.push(slot)
    this.bytes += requestBytes
    return slot
  }

  /** Gives every answer that may leave now to `leave`, in order. */
  release(leave: (answer: AnswerChunks) => void): void {
    for (;;) {
      const slot = this.slots[this.head]
      if (slot === undefined || slot.answer === undefined) break
      this.head++
      this.bytes -= slot.requestBytes
      if (slot.answer !== null) leave(slot.answer)
    }
    if (this.head === this.slots.length) {
      this.slots.length = 0
      this.head = 0
    } else if (this.head >= COMPACT_AT && this.head * 2 > this.slots.length) {
      this.slots.splice(0, this.head)
      this.head = 0
    }
  }

  clear(): void {
    this.slots = []
    this.head = 0
    this.bytes = 0
  }
}
