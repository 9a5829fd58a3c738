// Windows of segment mappings that this thread has touched. A view made from a cached window costs a
// tenth of an external ArrayBuffer of its own; V8 counts every window as memory of its own, so that
// there is a total.

interface CachedWindow {
  readonly partition: number
  readonly bytes: ArrayBuffer
}

export class WindowCache {
  readonly #maxBytes: number
  /** By window id, the one used longest ago first. */
  readonly #windows = new Map<number, CachedWindow>()
  #mostRecent = -1
  #sizeBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The cached window, if it reaches as far as `endOffset`. */
  find(windowId: number, endOffset: number): ArrayBuffer | undefined {
    const window = this.#windows.get(windowId)
    if (window === undefined || window.bytes.byteLength < endOffset) return undefined
    if (windowId !== this.#mostRecent) {
      this.#windows.delete(windowId)
      this.#windows.set(windowId, window)
      this.#mostRecent = windowId
    }
    return window.bytes
  }

  add(windowId: number, partition: number, bytes: ArrayBuffer): void {
    this.#remove(windowId)
    this.#windows.set(windowId, { partition, bytes })
    this.#mostRecent = windowId
    this.#sizeBytes += bytes.byteLength
    for (const oldest of this.#windows.keys()) {
      if (this.#sizeBytes <= this.#maxBytes || oldest === windowId) break
      this.#remove(oldest)
    }
  }

  /** Views that are still held stay valid; their windows go with the last of them. */
  dropPartition(partition: number): void {
    for (const [windowId, window] of this.#windows) {
      if (window.partition === partition) this.#remove(windowId)
    }
  }

  #remove(windowId: number): void {
    const window = this.#windows.get(windowId)
    if (window === undefined) return
    this.#windows.delete(windowId)
    this.#sizeBytes -= window.bytes.byteLength
  }
}
