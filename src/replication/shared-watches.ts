// A thread has one subscription a log, and may have several who want to hear of it: those who wait on a
// partition that it leads, and who keeps up one that it follows.
export class SharedWatches {
  private readonly counts = new Map<number, number>()

  constructor(
    private readonly log: { watch(handle: number): void; unwatch(handle: number): void },
  ) {}

  watch(handle: number): void {
    const count = this.counts.get(handle) ?? 0
    this.counts.set(handle, count + 1)
    if (count === 0) this.log.watch(handle)
  }

  unwatch(handle: number): void {
    const count = this.counts.get(handle) ?? 0
    if (count > 1) {
      this.counts.set(handle, count - 1)
      return
    }
    this.counts.delete(handle)
    if (count === 1) this.log.unwatch(handle)
  }
}
