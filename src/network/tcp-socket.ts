// An accepted socket that reads into buffers which are given to it. Node offers that for sockets that
// connect (`onread` of net.Socket), not for those that a server accepts: so a socket with `onread`
// takes over the accepted one's handle. A Node without that handle, which is not documented, has its
// data in buffers of its own instead.
import { Socket } from 'node:net'

export interface SocketReader {
  /** Where the read after one of `bytes` goes, or the first one. */
  next(bytes: number): Uint8Array
  /** `isOwned`: nobody else writes into these bytes, ever. */
  take(bytes: Uint8Array, isOwned: boolean): void
}

type WithHandle = Socket & { _handle?: { useUserBuffer?: unknown } | null }

/** `accepted` must not have been read from (pauseOnConnect); it is of no use afterwards. */
export function readInto(accepted: Socket, reader: SocketReader): Socket {
  const { _handle: handle } = accepted as WithHandle
  if (typeof handle?.useUserBuffer !== 'function') {
    accepted.on('data', (chunk: Buffer) => reader.take(chunk, true))
    accepted.resume()
    return accepted
  }
  const shell = accepted as WithHandle
  shell._handle = null
  shell.destroy()
  let bytes = 0
  const socket = new Socket({
    handle,
    onread: {
      buffer: () => reader.next(bytes),
      callback(count: number, buffer: Uint8Array) {
        bytes = count
        reader.take(count === buffer.length ? buffer : buffer.subarray(0, count), false)
        return true
      },
    },
  } as ConstructorParameters<typeof Socket>[0])
  socket.resume() // there is no data to wait for, but an end
  return socket
}
