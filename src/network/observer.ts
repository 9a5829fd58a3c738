// What the network counts. Each call is on the data path: an increment and no more.
export type Transport = 'tcp' | 'websocket'

export interface NetworkObserver {
  connectionOpened(transport: Transport): void
  connectionClosed(transport: Transport): void
  connectionRefused(transport: Transport): void
  bytesReceived(transport: Transport, bytes: number): void
  bytesSent(transport: Transport, bytes: number): void
}
