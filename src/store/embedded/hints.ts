// Watches: each hint is called at most once for a round of changes, after the change can be read.
import type { StoreHint } from '../metadata-store.js'

interface Watch {
  readonly prefix: string
  readonly hint: StoreHint
}

export class Hints {
  private readonly watches = new Set<Watch>()

  add(prefix: string, hint: StoreHint): () => void {
    const watch = { prefix, hint }
    this.watches.add(watch)
    return () => {
      this.watches.delete(watch)
    }
  }

  changed(keys: readonly string[]): void {
    for (const watch of this.watches) {
      const under = keys.filter((key) => key.startsWith(watch.prefix))
      if (under.length > 0) queueMicrotask(() => watch.hint(under))
    }
  }
}
