// What a session and its channels know of each other.
import type { Failure } from '../../base/errors.js'
import type { MessageSocket } from '../../network/types.js'
import { wireFailure } from '../../protocol/millrace/error-codes.js'
import type { WireFailure } from '../../protocol/millrace/messages.js'
import type { Outbox } from './outbox.js'
import type { MillraceServices } from './services.js'
import type { TurnTask } from './turn-queue.js'

/** Why a channel ends, and what of it was to blame. */
export interface ChannelFailure extends WireFailure {
  readonly partition?: number
  readonly sequence?: number
  readonly expected?: number
}

export interface ChannelHost {
  readonly services: MillraceServices
  readonly socket: MessageSocket
  readonly outbox: Outbox
  atEndOfTurn(task: TurnTask): void
  /** Sends `error` and forgets the channel; nothing that it sends later goes out. */
  failChannel(channel: number, failure: ChannelFailure): void
  /** Sends `closed` and forgets the channel. */
  finishChannel(channel: number): void
  closeSocket(code: number, reason: string): void
}

export interface OpenChannel {
  readonly id: number
  /** The socket's buffer has room again. */
  onDrain(): void
  /** The client asked to close it: calls finishChannel, at once or when its last ack is out. */
  finish(): void
  /** The channel is gone, whatever the reason: lets go of all waits. Idempotent. */
  dispose(): void
}

export function channelFailure(
  failure: Failure,
  place: Pick<ChannelFailure, 'partition' | 'sequence' | 'expected'> = {},
): ChannelFailure {
  return { ...wireFailure(failure), ...place }
}
