// A relay between a client and a server on loopback, whose cable can be pulled: what was underway is
// held back and arrives when it is plugged in again, as TCP does it.
import { connect, createServer, type Server, type Socket } from 'node:net'

export type Direction = 'requests' | 'responses'

export class TcpRelay {
  private readonly sockets = { requests: new Set<Socket>(), responses: new Set<Socket>() }
  private readonly held = new Set<Direction>()

  private constructor(
    private readonly server: Server,
    public targetPort: number,
  ) {}

  static async open(targetPort: number): Promise<TcpRelay> {
    const server = createServer()
    const relay = new TcpRelay(server, targetPort)
    server.on('connection', (client) => relay.join(client))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    server.unref()
    return relay
  }

  get endpoint(): { host: string; port: number } {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay is closed')
    return { host: '127.0.0.1', port: address.port }
  }

  /** From now on not a byte passes; connections are still accepted. */
  hold(...directions: readonly Direction[]): void {
    for (const direction of directions) {
      this.held.add(direction)
      for (const socket of this.sockets[direction]) socket.pause()
    }
  }

  release(): void {
    this.held.clear()
    for (const socket of [...this.sockets.requests, ...this.sockets.responses]) socket.resume()
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of [...this.sockets.requests, ...this.sockets.responses]) socket.destroy()
  }

  close(): void {
    this.server.close()
    this.cut()
  }

  private join(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1')
    this.carry(client, server, 'requests')
    this.carry(server, client, 'responses')
  }

  private carry(from: Socket, to: Socket, direction: Direction): void {
    const sockets = this.sockets[direction]
    sockets.add(from)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => {})
    from.on('end', () => to.end())
    from.on('close', () => {
      sockets.delete(from)
      if (!this.held.has(direction)) to.destroy()
    })
    if (this.held.has(direction)) from.pause()
  }
}
