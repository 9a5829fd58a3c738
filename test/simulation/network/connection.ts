// One end of a connection: the half that its kernel keeps. Bytes travel in a line of their own, so they
// are never reordered; a cut way holds them until it heals or the sender has waited too long.
import type { ScheduledEvent } from '../kernel/event-queue.js'
import type { SimulatedProcess } from '../kernel/process.js'
import type { SimulatedNetwork } from './simulated-network.js'
import type { CloseReason, ConnectionEvents, PeerConnection } from './transport.js'

/** 'open' answers a connect; 'end' is the last. */
type Piece = Uint8Array | 'open' | 'end'

export class Endpoint implements PeerConnection {
  events: ConnectionEvents | undefined
  opened: (() => void) | undefined
  peer: Endpoint | undefined
  /** For its kernel: bytes can come and go. */
  isConnected = true
  /** The process closed it or was told of its end: no event any more. */
  private isQuiet = false
  /** Sent before it was open. */
  private readonly unsent: Piece[] = []
  private readonly inFlight: Piece[] = []
  /** Of those in flight, from the first on: arrivals that found the way cut. */
  private stalled = 0
  private stalledSinceMs = 0
  private transmittedMs = 0
  private lastArrivalMs = 0
  private silence: ScheduledEvent | undefined

  constructor(
    private readonly network: SimulatedNetwork,
    readonly process: SimulatedProcess,
    readonly remoteHost: string,
  ) {}

  send(bytes: Uint8Array): void {
    if (this.isConnected && !this.isQuiet) this.transmit(this.network.piecesOf(bytes))
  }

  close(): void {
    if (this.isQuiet) return
    this.isQuiet = true
    if (this.isConnected) this.transmit(['end'])
    this.disconnect()
  }

  reset(): void {
    if (this.isQuiet) return
    this.isQuiet = true
    if (this.isConnected && this.peer !== undefined) this.tellReset(this.peer)
    this.dropSent()
  }

  /** Tells the other side that it was accepted. */
  accept(peer: Endpoint): void {
    this.peer = peer
    this.transmit(['open'])
  }

  /** Its process is told after what arrived before. */
  finish(reason: CloseReason): void {
    if (!this.isConnected) return
    this.network.counters.count(`network: connection ${reason}`)
    this.disconnect()
    this.process.enter('input', `connection ${reason}`, () => {
      if (this.isQuiet) return
      this.isQuiet = true
      this.events?.onClose(reason)
    })
  }

  /** Its machine is gone, or its kernel gave it up: nothing of it arrives any more. */
  dropSent(): void {
    this.disconnect()
    this.inFlight.length = 0
    this.stalled = 0
    this.unsent.length = 0
    this.forgetWhenOver()
  }

  /** A way healed or a host came back. */
  retry(): void {
    const { network } = this
    if (this.isPathWell()) this.stopSilence()
    if (this.stalled === 0 || !this.canArrive()) return
    const waitedMs = network.scheduler.nowMs - this.stalledSinceMs
    const backOffMs = network.random.between(0, Math.min(waitedMs, network.mostBackOffMs))
    network.scheduler.after(backOffMs, 'retransmission', () => {
      if (!this.canArrive()) return
      const { stalled } = this
      this.stalled = 0
      for (let piece = 0; piece < stalled; piece++) this.arrive()
    })
  }

  private transmit(pieces: readonly Piece[]): void {
    if (this.peer === undefined) {
      this.unsent.push(...pieces)
      return
    }
    const { scheduler, links } = this.network
    for (const piece of pieces) {
      const link = links.get(this.process.host.name, this.remoteHost)
      const sizeBytes = typeof piece === 'string' ? 0 : piece.length
      const startMs = Math.max(scheduler.nowMs, this.transmittedMs)
      this.transmittedMs = startMs + sizeBytes / link.bytesPerMs
      const arrivalMs = this.transmittedMs + links.latencyMs(link)
      this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivalMs)
      this.inFlight.push(piece)
      scheduler.after(this.lastArrivalMs - scheduler.nowMs, 'arrival', () => this.arrive())
    }
  }

  private arrive(): void {
    if (this.inFlight.length === 0) return
    if (this.stalled > 0 || !this.canArrive()) {
      if (this.stalled === 0) this.stalledSinceMs = this.network.scheduler.nowMs
      this.stalled++
      this.network.counters.count('network: bytes held by a cut')
      this.startSilence()
      return
    }
    const piece = this.inFlight.shift()
    if (piece === undefined || this.peer === undefined) return
    if (this.isPathWell()) this.stopSilence()
    else this.startSilence()
    if (this.peer.isConnected) this.peer.receive(piece, this)
    else if (piece !== 'end') this.peer.tellReset(this)
    this.forgetWhenOver()
  }

  private receive(piece: Piece, from: Endpoint): void {
    if (piece === 'end') {
      this.finish('closed')
      return
    }
    if (piece === 'open') {
      this.peer = from
      this.process.enter('input', 'open', () => {
        if (!this.isQuiet) this.opened?.()
      })
      this.transmit(this.unsent.splice(0))
      return
    }
    this.process.enter('input', 'data', () => {
      if (!this.isQuiet) this.events?.onData(piece)
    })
  }

  private tellReset(peer: Endpoint): void {
    const { network } = this
    const link = () => network.links.get(this.process.host.name, this.remoteHost)
    network.scheduler.after(network.links.latencyMs(link()), 'reset', () => {
      if (link().isCut) {
        network.counters.count('network: reset lost')
        return
      }
      peer.finish('reset')
      peer.dropSent()
    })
  }

  private disconnect(): void {
    this.isConnected = false
    this.forgetWhenOver()
  }

  private forgetWhenOver(): void {
    if (this.isConnected || this.inFlight.length > 0) return
    this.stopSilence()
    this.network.forget(this)
  }

  private canArrive(): boolean {
    const { links } = this.network
    return (
      !links.get(this.process.host.name, this.remoteHost).isCut &&
      this.network.isUp(this.remoteHost)
    )
  }

  /** Bytes arrive and their acknowledgement comes back. */
  private isPathWell(): boolean {
    const { links } = this.network
    return this.canArrive() && links.isOpenBothWays(this.process.host.name, this.remoteHost)
  }

  private startSilence(): void {
    const { network } = this
    this.silence ??= network.scheduler.after(network.connectionTimeoutMs, 'tcp timeout', () => {
      this.silence = undefined
      this.finish('timed out')
      this.dropSent()
    })
  }

  private stopSilence(): void {
    this.network.scheduler.cancel(this.silence)
    this.silence = undefined
  }
}
