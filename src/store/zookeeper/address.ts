// Where the servers are and under which node Millrace keeps its data: zookeeper://h1:2181,h2:2181/millrace
import { fail, type Outcome, succeed } from '../../base/errors.js'
import { pathProblem } from './paths.js'

export interface ServerAddress {
  readonly host: string
  readonly port: number
}

export interface ZooKeeperAddress {
  readonly servers: readonly ServerAddress[]
  /** Begins with a slash and does not end with one. */
  readonly root: string
}

const DEFAULT_PORT = 2181

export function parseZooKeeperUrl(url: string): Outcome<ZooKeeperAddress> {
  const match = /^zookeeper:\/\/([^/?#@]+)(\/[^?#]*)$/.exec(url)
  const root = match?.[2]?.replace(/\/$/, '')
  if (match?.[1] === undefined || root === undefined || root === '') {
    return fail(
      'INVALID_CONFIG',
      `${url} is not of the form zookeeper://HOST:PORT,HOST:PORT/PATH, with a path of its own for the cluster`,
    )
  }
  const problem = pathProblem(root)
  if (problem !== undefined) return fail('INVALID_CONFIG', `the path of ${url} ${problem}`)
  const servers: ServerAddress[] = []
  for (const text of match[1].split(',')) {
    const server = parseServer(text)
    if (server === undefined) return fail('INVALID_CONFIG', `${text} in ${url} is no HOST:PORT`)
    servers.push(server)
  }
  return succeed({ servers, root })
}

function parseServer(text: string): ServerAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3])
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}
