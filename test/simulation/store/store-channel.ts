// Requests of one process to the coordination service, and the many ways in which they end.
import { type Failure, fail } from '../../../src/base/errors.js'
import type { SimulatedProcess } from '../kernel/process.js'
import type { CoordinationService } from './coordination-service.js'

export type Delivery<T> =
  | { readonly status: 'answered'; readonly value: T }
  /** Certainly not executed. */
  | { readonly status: 'not sent'; readonly failure: Failure }
  /** Executed, or not, or still to be. */
  | { readonly status: 'lost'; readonly failure: Failure }

export interface StoreRequest<T> {
  readonly what: string
  /** Runs at the service, in one instant. */
  readonly execute: () => T
}

/** Of losses, those that the sender hears of at once, as a connection that breaks. */
const NOTICED_SHARE = 0.5

export class StoreChannel {
  constructor(
    readonly process: SimulatedProcess,
    readonly service: CoordinationService,
    private readonly requestTimeoutMs: number,
  ) {}

  /** Never settles when the process dies. */
  call<T>(request: StoreRequest<T>): Promise<Delivery<T>> {
    return new Promise((resolve) => {
      const call = new Call(this, request, resolve)
      call.send(this.requestTimeoutMs)
    })
  }

  get link() {
    return this.service.link(this.process.host.name)
  }

  latencyMs(): number {
    const [low, high] = this.link.latencyMs
    return this.service.random.between(low, high)
  }
}

class Call<T> {
  private isSettled = false
  private stopDeadline = () => {}

  constructor(
    private readonly channel: StoreChannel,
    private readonly request: StoreRequest<T>,
    private readonly resolve: (delivery: Delivery<T>) => void,
  ) {}

  send(timeoutMs: number): void {
    const { process, service } = this.channel
    const { random, rates } = service
    const deadline = process.clock.after(timeoutMs, () =>
      this.settle({
        status: 'lost',
        failure: fail('TIMED_OUT', `the store did not answer ${this.request.what}`).failure,
      }),
    )
    this.stopDeadline = () => deadline.cancel()
    if (random.chance(rates.requestLoss)) {
      this.lose('store: request lost')
      return
    }
    let delayMs = this.channel.latencyMs()
    if (random.chance(rates.requestStuck)) delayMs += timeoutMs * random.between(0.5, 3)
    service.scheduler.after(delayMs, 'store request', () => this.arrive())
  }

  private arrive(): void {
    const { link, service } = this.channel
    if (link.requestsCut) {
      this.lose('store: request cut off')
      return
    }
    if (service.absence !== undefined) {
      this.refuse()
      return
    }
    if (this.isSettled) service.counters.count('store: executed after it was given up')
    const value = this.request.execute()
    if (service.random.chance(service.rates.answerLoss)) {
      this.lose('store: answer lost')
      return
    }
    service.scheduler.after(this.channel.latencyMs(), 'store answer', () => {
      if (link.answersCut) this.lose('store: answer cut off')
      else this.deliver({ status: 'answered', value })
    })
  }

  private refuse(): void {
    const { link, service } = this.channel
    service.counters.count(`store: ${service.absence}`)
    if (service.absence === 'silent') return
    service.scheduler.after(this.channel.latencyMs(), 'store refusal', () => {
      if (link.answersCut) return
      const message = `the store refused the connection for ${this.request.what}`
      this.deliver({ status: 'not sent', failure: fail('STORAGE_FAILED', message).failure })
    })
  }

  private lose(how: string): void {
    const { service } = this.channel
    service.counters.count(how)
    if (!service.random.chance(NOTICED_SHARE)) return
    service.scheduler.after(this.channel.latencyMs(), 'store connection broken', () => {
      const message = `the connection to the store broke during ${this.request.what}`
      this.deliver({ status: 'lost', failure: fail('STORAGE_FAILED', message).failure })
    })
  }

  private deliver(delivery: Delivery<T>): void {
    this.channel.process.enter('input', 'store answer', () => this.settle(delivery))
  }

  private settle(delivery: Delivery<T>): void {
    if (this.isSettled) return
    this.isSettled = true
    this.stopDeadline()
    this.resolve(delivery)
  }
}
