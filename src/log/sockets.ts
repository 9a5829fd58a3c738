// Sockets and file locks that Node cannot make: they live in the addon, and this is the door to them.
import { LogError } from './codes.js'
import { loadAddon, type NativeAddon } from './native.js'

interface SocketVerbs {
  openListeningSocket(address: string, port: number): { fd: number; port: number }
  lockFile(path: string): number
}

function verbs(): SocketVerbs {
  return loadAddon() as NativeAddon & SocketVerbs
}

/** Bound with SO_REUSEPORT to a numeric address; the caller owns the descriptor and listens on it. */
export function openListeningSocket(address: string, port: number): { fd: number; port: number } {
  return verbs().openListeningSocket(address, port)
}

/** A descriptor whose closing unlocks, or undefined when somebody else holds the lock. */
export function lockFile(path: string): number | undefined {
  try {
    return verbs().lockFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'LOCKED') return undefined
    throw error instanceof Error ? new LogError('IO_ERROR', error.message, path) : error
  }
}
