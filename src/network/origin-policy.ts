// Which web pages may open a WebSocket here. A browser sends the page's Origin and nothing else stops a
// page on the internet from reaching a broker on its visitor's machine. Comparing Origin with Host is
// not enough: a name of the attacker's that resolves to 127.0.0.1 makes both equal (DNS rebinding), so
// a name is trusted only when it is one of ours.
import { isIP } from 'node:net'
import type { ListenerConfig } from '../config/types.js'
import { isLoopbackAddress } from './connection-counters.js'

export interface OriginPolicy {
  readonly listener: ListenerConfig
  /** Whole origins, as a browser sends them: "https://app.example.com". */
  readonly allowedOrigins: readonly string[]
}

/** undefined: it may; else why not. */
export function refusedOrigin(
  origin: string,
  requestedHost: string,
  policy: OriginPolicy,
): string | undefined {
  if (origin === '' || policy.allowedOrigins.includes(origin)) return undefined
  const page = hostOf(origin)
  if (page === undefined) return `the origin ${origin} is not one that is known`
  if (isLoopbackName(page.hostname)) return undefined
  const { advertised, bind } = policy.listener
  if (page.hostname === advertised?.host || page.hostname === bind.host) return undefined
  if (isIP(page.hostname) !== 0 && page.host === requestedHost) return undefined
  return `pages of ${origin} may not connect: the origin is neither loopback nor the broker's own`
}

function hostOf(origin: string): { hostname: string; host: string } | undefined {
  try {
    const { hostname, host } = new URL(origin)
    return { hostname: hostname.replace(/^\[(.*)\]$/, '$1'), host }
  } catch {
    return undefined
  }
}

function isLoopbackName(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true
  return isIP(hostname) !== 0 && isLoopbackAddress(hostname)
}
