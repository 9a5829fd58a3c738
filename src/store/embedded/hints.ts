// Watches: each hint is called at most once for a round of changes, after the change can be read.
interface Watch {
  readonly prefix: string
  readonly hint: () => void
}

export class Hints {
  private readonly watches = new Set<Watch>()

  add(prefix: string, hint: () => void): () => void {
    const watch = { prefix, hint }
    this.watches.add(watch)
    return () => {
      this.watches.delete(watch)
    }
  }

  changed(keys: readonly string[]): void {
    for (const watch of this.watches) {
      if (keys.some((key) => key.startsWith(watch.prefix))) queueMicrotask(watch.hint)
    }
  }
}
