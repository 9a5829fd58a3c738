// The controller while this broker is elected: it runs when nobody is, decides again what has changed, and
// resigns when somebody else is.
import type { Clock, Timer } from '../base/clock.js'
import type { Failure } from '../base/errors.js'
import { runForController } from '../cluster/controller-election.js'
import type { Registration } from '../cluster/registration.js'
import type { BrokerRecord } from '../metadata/records.js'
import type { MetadataStore } from '../store/metadata-store.js'
import { Controller, type ControllerParts } from './controller.js'

export interface ControllerSeatParts extends Omit<ControllerParts, 'writer' | 'onLost'> {
  readonly store: MetadataStore
  readonly registration: Registration
  readonly clock: Clock
  /** The store has refused for good what only this broker can write. */
  onFailed(): void
}

const RECONCILE_AGAIN_MS = 500

export class ControllerSeat {
  private current: Controller | undefined
  private running: Promise<void> | undefined
  private reconciling: Promise<void> = Promise.resolve()
  private nextReconciling: Promise<void> | undefined
  private storeFailure: Failure | undefined
  private isClosed = false
  private readonly balancing: Timer | undefined

  constructor(private readonly parts: ControllerSeatParts) {
    const { config, clock } = parts
    if (config.store === undefined || !config.autoLeaderRebalance) return
    const balance = () => void this.current?.balanceLeaders()
    this.balancing = clock.every(config.leaderImbalanceCheckIntervalMs, balance)
  }

  /** undefined: this broker is not elected. */
  get controller(): Controller | undefined {
    return this.current
  }

  /** Why nothing can be decided any more, here or elsewhere. */
  get failure(): Failure | undefined {
    return this.storeFailure
  }

  /** `dead`: the broker whose process was found dead; if it is the controller, it is replaced. */
  runIfNobodyIs(dead?: BrokerRecord): Promise<void> {
    this.running ??= this.run(dead).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  /** After all that has changed by now; whoever asks while one waits for its turn is served by that one. */
  reconcile(): Promise<void> {
    this.nextReconciling ??= this.reconciling.then(() => {
      this.nextReconciling = undefined
      this.reconciling = this.reconcileOnce()
      return this.reconciling
    })
    return this.nextReconciling
  }

  private async reconcileOnce(): Promise<void> {
    const controller = this.current
    if (controller === undefined || (await controller.reconcile())) return
    this.parts.clock.after(RECONCILE_AGAIN_MS, () => {
      if (controller === this.current) void this.reconcile()
    })
  }

  /** When somebody else is, or the session that the key belonged to has ended: who writes on would be refused. */
  resignIfReplaced(): void {
    const { view, logger } = this.parts
    const controller = this.current
    if (controller === undefined || view.state.controller?.epoch === controller.epoch) return
    logger.info('this broker is not the controller any more', { epoch: controller.epoch })
    this.current = undefined
  }

  /** Waits for what is being done. */
  async close(): Promise<void> {
    this.isClosed = true
    this.balancing?.cancel()
    await this.running
    await this.current?.close()
  }

  private async run(dead: BrokerRecord | undefined): Promise<void> {
    const { view, registration, store, config } = this.parts
    const { session } = registration
    if (this.isClosed || session === undefined || this.current !== undefined) return
    if (this.storeFailure !== undefined) return
    const there = view.state.controller
    const { brokerId } = config
    // Under this broker's own id it is one that resigned, or a process before this one.
    const isReplaceable = there?.brokerId === dead?.id || there?.brokerId === brokerId
    const replaces = isReplaceable ? there : undefined
    if (there !== undefined && replaces === undefined) return
    const elected = await runForController(
      { store, view, brokerId },
      { session, ...(replaces === undefined ? {} : { replaces }) },
    )
    if (!elected.ok) {
      const { code, message } = elected.failure
      this.parts.logger.warn('the election of a controller failed', { code, reason: message })
      return
    }
    if (elected.value === undefined) return
    const controller = new Controller({
      ...this.parts,
      writer: elected.value,
      onLost: (failure) => this.resigned(failure),
    })
    this.current = controller
    const { logger } = this.parts
    const tell = config.store === undefined ? logger.debug : logger.info
    tell('this broker is the controller now', { epoch: elected.value.epoch })
    if (dead !== undefined) await controller.expel(dead)
    await this.reconcile()
  }

  // A single broker has nobody who could write in its place, and says so.
  private resigned(failure: Failure): void {
    this.current = undefined
    if (this.parts.config.store === undefined) this.storeFailure = failure
    this.parts.onFailed()
  }
}
