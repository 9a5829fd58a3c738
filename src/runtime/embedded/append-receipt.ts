// What an append gives back at once, and its promise for those who ask.
import type { WaitEnd } from '../../partition/partition.js'

/** 'appended': in the log, safe from a crash of the process; 'durable': on the disk. */
export type Durability = 'appended' | 'durable'

export interface AppendOptions {
  /** Default: what the broker's flush policy promises ('durable' under group). */
  readonly durability?: Durability
  /**
   * How long to wait for 'durable'; default 30 s. 'appended' is certain at once: it is told late only to
   * hold back an application that is faster than the disk, however long that takes.
   */
  readonly timeoutMs?: number
  /**
   * Called once with what became of it, perhaps before append() returns; must not throw. When the disk
   * is slower than the application it is called late: wait for it to keep to the disk's pace.
   */
  readonly onAcknowledged?: (acknowledgement: Acknowledgement) => void
}

export interface Acknowledgement {
  /** 'reached': the durability asked for. Anything else: unknown whether the records survive. */
  readonly outcome: WaitEnd
  readonly baseOffset: number
  readonly lastOffset: number
  readonly durability: Durability
}

export class AppendReceipt {
  private promise: Promise<Acknowledgement> | undefined

  constructor(
    readonly baseOffset: number,
    readonly lastOffset: number,
    private readonly wait: (done: (acknowledgement: Acknowledgement) => void) => void,
  ) {}

  /** Resolves, never rejects, with what became of the records. Costs nothing until it is asked for. */
  get acknowledged(): Promise<Acknowledgement> {
    this.promise ??= new Promise((resolve) => this.wait(resolve))
    return this.promise
  }
}
