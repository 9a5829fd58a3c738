// How often a run met each state that is rare: a simulation that never reaches one proves nothing
// about it.
export class Counters {
  private readonly counts = new Map<string, number>()

  count(state: string): void {
    this.counts.set(state, (this.counts.get(state) ?? 0) + 1)
  }

  of(state: string): number {
    return this.counts.get(state) ?? 0
  }

  /** By name. */
  all(): readonly (readonly [string, number])[] {
    return [...this.counts].sort(([left], [right]) => (left < right ? -1 : 1))
  }

  add(other: Counters): void {
    for (const [state, times] of other.counts) {
      this.counts.set(state, this.of(state) + times)
    }
  }
}
