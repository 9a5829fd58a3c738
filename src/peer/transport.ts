// What a connection to another broker stands on: bytes in order, and why they end.
import type { HostPort } from '../metadata/image.js'

export type EndReason =
  /** Nobody listens there: the process is dead, or was never there. */
  | 'refused'
  /** It was there and is gone without a word. */
  | 'reset'
  | 'closed'
  /** No way there, or no answer in time: it says nothing of the process. */
  | 'silent'
  /** What came made no sense. */
  | 'damaged'

export interface PeerEvents {
  opened(): void
  /** The bytes belong to whoever gets them. */
  received(bytes: Uint8Array): void
  /** Once, and last. */
  ended(reason: EndReason, problem: string): void
}

export interface PeerSocket {
  /** After opened(). */
  write(chunks: readonly Uint8Array[]): void
  /** Without ended(). */
  destroy(): void
}

export interface PeerTransport {
  connect(address: HostPort, events: PeerEvents): PeerSocket
}
