// etcd://HOST:PORT,HOST:PORT/PREFIX: the members of a cluster, and what every key of ours begins with.
import { fail, type Outcome, succeed } from '../../base/errors.js'

export interface EtcdEndpoint {
  readonly host: string
  readonly port: number
}

export interface EtcdAddress {
  readonly endpoints: readonly EtcdEndpoint[]
  /** Empty, or a path that begins with a slash and ends without one. */
  readonly prefix: string
}

const SCHEME = 'etcd://'
const DEFAULT_PORT = 2379
const ENDPOINT = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]@]+)(?::(\d{1,5}))?$/

export function parseEtcdAddress(url: string): Outcome<EtcdAddress> {
  if (!url.startsWith(SCHEME)) return invalid(url, `it begins with ${SCHEME}`)
  const rest = url.slice(SCHEME.length)
  const slash = rest.indexOf('/')
  const hosts = slash < 0 ? rest : rest.slice(0, slash)
  const endpoints: EtcdEndpoint[] = []
  for (const text of hosts.split(',')) {
    const endpoint = parseEndpoint(text)
    if (endpoint === undefined) return invalid(url, `"${text}" is no HOST:PORT`)
    endpoints.push(endpoint)
  }
  return succeed({ endpoints, prefix: slash < 0 ? '' : rest.slice(slash).replace(/\/+$/, '') })
}

export function nameOf({ host, port }: EtcdEndpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function parseEndpoint(text: string): EtcdEndpoint | undefined {
  const match = ENDPOINT.exec(text)
  const host = match?.[1]?.replace(/^\[|\]$/g, '')
  const port = match?.[2] === undefined ? DEFAULT_PORT : Number(match[2])
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

function invalid(url: string, problem: string): Outcome<never> {
  return fail('INVALID_CONFIG', `${url} is no etcd://HOST:PORT,HOST:PORT/PREFIX: ${problem}`)
}
