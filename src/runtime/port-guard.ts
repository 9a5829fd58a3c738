// SO_REUSEPORT lets the io workers share a port, and would let a second broker take half of its
// connections without a word. So before they listen, this thread locks a file for the address and port
// and binds it without sharing, which finds any other listener and resolves port 0.

import { lookup } from 'node:dns/promises'
import {
  accessSync,
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { HostPort, ListenerConfig } from '../config/types.js'

/** undefined: somebody else holds it. */
export type LockFile = (path: string) => number | undefined

export interface GuardedListener {
  readonly listener: ListenerConfig
  /** Numeric, with the port that was found where 0 was asked for. */
  readonly address: HostPort
}

export class PortGuard {
  readonly listeners: GuardedListener[] = []
  private readonly locks: number[] = []

  private constructor(
    private readonly lockFile: LockFile,
    private readonly folder: string,
  ) {}

  /** Claims the ports of all listeners, or none and says which one cannot be had. */
  static async claim(
    listeners: readonly ListenerConfig[],
    lockFile: LockFile,
    folder: string = runtimeFolder(),
  ): Promise<Outcome<PortGuard>> {
    const guard = new PortGuard(lockFile, folder)
    for (const listener of listeners) {
      const claimed = await guard.claimOne(listener)
      if (!claimed.ok) {
        guard.release()
        return claimed
      }
      guard.listeners.push({ listener, address: claimed.value })
    }
    return succeed(guard)
  }

  release(): void {
    for (const descriptor of this.locks.splice(0)) closeSync(descriptor)
  }

  private async claimOne(listener: ListenerConfig): Promise<Outcome<HostPort>> {
    const { host, port } = listener.bind
    let address: string
    try {
      address = (await lookup(host)).address
    } catch {
      return fail('INVALID_CONFIG', `listener ${listener.name}: no address is known for ${host}`)
    }
    if (port !== 0) {
      const locked = this.lock(listener, { host: address, port })
      if (!locked.ok) return locked
    }
    const bound = await bindAlone(listener, { host: address, port })
    if (!bound.ok) return bound
    const found = { host: address, port: bound.value.port }
    const locked = port === 0 ? this.lock(listener, found) : succeed(true)
    await bound.value.close()
    return locked.ok ? succeed(found) : locked
  }

  private lock(listener: ListenerConfig, address: HostPort): Outcome<true> {
    const path = join(this.folder, `${address.host.replaceAll(':', '_')}-${address.port}.lock`)
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 })
      const descriptor = this.lockFile(path)
      if (descriptor === undefined) {
        const holder = readFileSync(path, 'utf8').trim()
        const which = holder === '' ? '' : ` (process ${holder})`
        return fail(
          'INVALID_CONFIG',
          `another Millrace${which} serves ${show(address)}: stop it, or choose another port with ${flagFor(listener)}`,
        )
      }
      this.locks.push(descriptor)
      ftruncateSync(descriptor, 0)
      writeSync(descriptor, String(process.pid), 0)
      return succeed(true)
    } catch (error) {
      const why = messageOf(error)
      // Without a code it is none of the system's: there is no addon to lock with.
      if (!(error instanceof Error && 'code' in error)) return fail('UNEXPECTED', why)
      return fail(
        'INVALID_CONFIG',
        `cannot lock the port ${show(address)}: ${why}; let XDG_RUNTIME_DIR name a folder that this user may write to`,
      )
    }
  }
}

interface BoundAlone {
  readonly port: number
  close(): Promise<void>
}

function bindAlone(listener: ListenerConfig, wanted: HostPort): Promise<Outcome<BoundAlone>> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(fail('INVALID_CONFIG', explain(error, listener, wanted)))
    })
    server.listen({ ...wanted, exclusive: true, ipv6Only: wanted.host.includes(':') }, () => {
      const bound = server.address()
      const port = typeof bound === 'object' && bound !== null ? bound.port : wanted.port
      resolve(
        succeed({ port, close: () => new Promise<void>((closed) => server.close(() => closed())) }),
      )
    })
  })
}

function explain(error: NodeJS.ErrnoException, listener: ListenerConfig, wanted: HostPort): string {
  const where = show(wanted)
  switch (error.code) {
    case 'EADDRINUSE':
      return `the port of ${where} is in use by another process: stop it, or choose another port with ${flagFor(listener)}`
    case 'EACCES':
      return `no permission to listen on ${where}: ports below 1024 are the superuser's; choose another with ${flagFor(listener)}`
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${wanted.host}: choose another with ${flagFor(listener)}`
    default:
      return `cannot listen on ${where}: ${error.message}`
  }
}

function flagFor(listener: ListenerConfig): string {
  return listener.protocol === 'kafka' ? '--kafka HOST:PORT' : '--websocket HOST:PORT'
}

/** Where this user's processes find each other's locks. */
function runtimeFolder(): string {
  const folder = process.env.XDG_RUNTIME_DIR
  if (folder !== undefined && folder !== '' && isWritable(folder)) return join(folder, 'millrace')
  return join(tmpdir(), `millrace-${process.getuid?.() ?? 0}`)
}

// After su the variable may still name the folder of another user.
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function show({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
