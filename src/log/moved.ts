// Being told that partitions moved: one native notification a thread and event-loop turn, however many
// partitions and appends.
import { loadAddon } from './native.js'
import { detachPartition } from './partition-log.js'
import type { MovedListener } from './types.js'

const listeners = new Set<MovedListener>()
const subscribed = new Set<number>()
let started = false

/** Calls `listener` for the partitions of subscribeMoved() from now on. Returns how to stop. */
export function onMoved(listener: MovedListener): () => void {
  start()
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Asks to be told when the partition moves. Look at its state after subscribing: what moved before is
 * not reported. Its deletion and the closing of its directory are reported as well; the subscription
 * ends with them.
 */
export function subscribeMoved(handle: number): void {
  start()
  if (loadAddon().subscribe(handle)) subscribed.add(handle)
}

export function unsubscribeMoved(handle: number): void {
  subscribed.delete(handle)
  loadAddon().unsubscribe(handle)
}

function start(): void {
  if (started) return
  started = true
  loadAddon().onMoved((moved, removed) => {
    if (removed.length > 0) loadAddon().dropRemoved()
    for (const handle of removed) {
      detachPartition(handle)
      if (subscribed.delete(handle)) moved.push(handle)
    }
    if (moved.length === 0) return
    for (const listener of listeners) listener(moved)
  })
}
