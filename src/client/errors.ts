// What a client reports, as classes with codes. Codes of the broker are those of millrace.v1.
import type { GapReason, WireFailure } from '../protocol/millrace/messages.js'

export class MillraceError extends Error {
  override name = 'MillraceError'

  constructor(
    /** A code of millrace.v1, or one of the client's own, such as "connection-lost". */
    readonly code: string,
    message: string,
    /** The same may succeed later. */
    readonly retryable: boolean = false,
  ) {
    super(message)
  }
}

/** The broker refused a message, a channel or a request. */
export class BrokerError extends MillraceError {
  override name = 'BrokerError'

  static from(failure: WireFailure): BrokerError {
    return new BrokerError(failure.code, failure.message, failure.retryable)
  }
}

/** There is no connection, and there will be none. */
export class ConnectionError extends MillraceError {
  override name = 'ConnectionError'

  constructor(message: string) {
    super('connection-lost', message, true)
  }
}

/** It is unknown whether the record is stored: sending it again could store it twice. */
export class OutcomeUnknownError extends MillraceError {
  override name = 'OutcomeUnknownError'

  constructor(message: string) {
    super('outcome-unknown', message)
  }
}

/** More is waiting to be sent than `maxBufferedBytes`: await ready() before send(). */
export class BufferFullError extends MillraceError {
  override name = 'BufferFullError'

  constructor(maxBufferedBytes: number) {
    super('buffer-full', `more than ${maxBufferedBytes} bytes wait to be sent: await ready()`, true)
  }
}

export class ClosedError extends MillraceError {
  override name = 'ClosedError'

  constructor(what: string) {
    super('closed', `the ${what} is closed`)
  }
}

export interface Gap {
  readonly partition: number
  readonly reason: GapReason
  /** Where reading should have gone on. */
  readonly requested: number
  /** Where it goes on. */
  readonly offset: number
  /** The same as a sentence. */
  readonly message: string
}

export function describeGap(gap: Omit<Gap, 'message'>): Gap {
  const { partition, reason, requested, offset } = gap
  // Where a log was cut back, or was never that long: the client cannot tell which.
  const what = reason === 'truncation' ? 'is beyond the end of the log' : `is gone (${reason})`
  const message = `partition ${partition}: offset ${requested} ${what}, the next is ${offset}`
  return { ...gap, message }
}

/** Records that were asked for do not exist any more, and there was no onGap to tell. */
export class GapError extends MillraceError {
  override name = 'GapError'

  constructor(readonly gap: Gap) {
    super('gap', gap.message)
  }
}
