// What stands before a cluster's WebSocket ports: each connection goes to the next broker in turn.
import { connect, createServer, type Server, type Socket } from 'node:net'

export class LoadBalancer {
  connections = 0
  private readonly sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    private readonly targets: readonly URL[],
  ) {
    server.on('connection', (socket) => this.carry(socket))
  }

  static async start(urls: readonly string[]): Promise<LoadBalancer> {
    const server = createServer()
    const targets = urls.map((url) => new URL(url))
    const balancer = new LoadBalancer(server, targets)
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    return balancer
  }

  get url(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    return `ws://127.0.0.1:${address.port}`
  }

  /** All connections are gone without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((done) => this.server.close(done))
  }

  private carry(socket: Socket): void {
    const target = this.targets[this.connections++ % this.targets.length]
    const broker = connect(Number(target?.port), target?.hostname)
    for (const [one, other] of [
      [socket, broker],
      [broker, socket],
    ] as const) {
      this.sockets.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.sockets.delete(one)
        other.destroy()
      })
    }
  }
}
