// The way between one host and the coordination service.

export interface StoreLink {
  requestsCut: boolean
  answersCut: boolean
  /** Of one way; drawn anew for each message. */
  latencyMs: readonly [number, number]
}

/** How often something goes wrong, 0 to 1. Mutable: faults come and go. */
export interface StoreFaultRates {
  requestLoss: number
  answerLoss: number
  /** A request that arrives only after its sender has given it up. */
  requestStuck: number
  hintLoss: number
  hintDouble: number
  hintLate: number
  /** Without the keys that changed. */
  hintUnnamed: number
}

export const noStoreFaults: Readonly<StoreFaultRates> = {
  requestLoss: 0,
  answerLoss: 0,
  requestStuck: 0,
  hintLoss: 0,
  hintDouble: 0,
  hintLate: 0,
  hintUnnamed: 0,
}
