// shell: the one place that asks the machine for randomness. Everything that decides takes a Random.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** `sizeBytes` unguessable bytes. */
  bytes(sizeBytes: number): Uint8Array
}

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (sizeBytes) => globalThis.crypto.getRandomValues(new Uint8Array(sizeBytes)),
}
