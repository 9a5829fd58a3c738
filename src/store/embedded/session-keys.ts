// Which live keys belong to which open session.
import type { StoreOperation } from '../metadata-store.js'

export class SessionKeys {
  private readonly keysOf = new Map<string, Set<string>>()
  private readonly ownerOf = new Map<string, string>()
  private opened = 0

  open(): string {
    const id = `embedded-${++this.opened}`
    this.keysOf.set(id, new Set())
    return id
  }

  /** Committed operations: the last put says whom a key belongs to. */
  note(operations: readonly StoreOperation[]): void {
    for (const operation of operations) {
      this.disown(operation.key)
      const session = operation.type === 'put' ? operation.session : undefined
      if (session === undefined) continue
      this.keysOf.get(session.id)?.add(operation.key)
      this.ownerOf.set(operation.key, session.id)
    }
  }

  /** The keys to delete; none the second time. */
  close(id: string): readonly string[] {
    const keys = [...(this.keysOf.get(id) ?? [])]
    this.keysOf.delete(id)
    for (const key of keys) this.ownerOf.delete(key)
    return keys
  }

  private disown(key: string): void {
    const owner = this.ownerOf.get(key)
    if (owner === undefined) return
    this.ownerOf.delete(key)
    this.keysOf.get(owner)?.delete(key)
  }
}
