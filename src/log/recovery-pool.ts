// Opens partitions after an unclean stop on a thread pool: each is scanned, which can take seconds.
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { LogError } from './codes.js'
import type { RecoveryAnswer, RecoveryTask } from './recovery-worker.js'

const maxThreads = 4

/** Returns the handles in the order of the tasks. Waits for all, then throws the first failure. */
export async function recoverPartitions(tasks: readonly RecoveryTask[]): Promise<number[]> {
  if (tasks.length === 0) return []
  const pool = new Piscina<RecoveryTask, RecoveryAnswer>({
    // By way of the folder above: this module may have been joined into a file of another one.
    filename: new URL('../log/recovery-worker.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.max(1, Math.min(maxThreads, availableParallelism(), tasks.length)),
    // The default blocks an idle thread in Atomics.wait, where it answers nothing else.
    atomics: 'disabled',
    name: 'recoverPartition',
  })
  try {
    const answers = await Promise.all(tasks.map((task) => pool.run(task)))
    return answers.map((answer) => {
      if (answer.ok) return answer.handle
      throw new LogError(answer.code, answer.message, answer.path)
    })
  } finally {
    await pool.destroy()
  }
}
