// What a process needs of the network between hosts: ordered connections of bytes, as TCP gives them.

/**
 * 'closed': the other side ended it after its last byte. 'reset': it broke, or nobody there knows it.
 * 'refused': nobody listens. 'timed out': silence for too long.
 */
export type CloseReason = 'closed' | 'reset' | 'refused' | 'timed out'

export interface ConnectionEvents {
  /** Pieces in order; where one ends says nothing about where a send() ended. */
  onData(bytes: Uint8Array): void
  /** Once, and nothing after it. Not for what one closes oneself. */
  onClose(reason: CloseReason): void
}

export interface OutgoingEvents extends ConnectionEvents {
  onOpen(): void
}

export interface PeerConnection {
  readonly remoteHost: string
  /** Copies. Before it is open, it waits; after its end, nothing happens. */
  send(bytes: Uint8Array): void
  /** What was sent still arrives; before it is open, nothing was. No event follows. */
  close(): void
  /** What was sent may be lost. No event follows. */
  reset(): void
}

export interface PeerListener {
  /** Connections that were accepted stay. */
  close(): void
}

export interface PeerTransport {
  connect(host: string, port: number, events: OutgoingEvents): PeerConnection
  listen(port: number, accept: (connection: PeerConnection) => ConnectionEvents): PeerListener
}
