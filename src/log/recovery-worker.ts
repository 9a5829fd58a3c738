// Runs in a thread of the recovery pool. The partition it opens belongs to the process, and stays open
// when the thread ends.
import { LogError, toLogError } from './codes.js'
import { loadAddon, type NativeLogConfig } from './native.js'

export interface RecoveryTask {
  readonly directory: number
  readonly name: string
  readonly config: NativeLogConfig
}

/** A failure as plain fields: an Error loses them on its way between threads. */
export type RecoveryAnswer =
  | { readonly ok: true; readonly handle: number }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly path: string }

/** What piscina calls, by this name. */
export function recoverPartition(task: RecoveryTask): RecoveryAnswer {
  try {
    const handle = loadAddon().openPartition(task.directory, task.name, task.config)
    return { ok: true, handle }
  } catch (error) {
    const failure = toLogError(error)
    if (!(failure instanceof LogError)) throw error
    return { ok: false, code: failure.code, message: failure.message, path: failure.path }
  }
}
