// A worker that is in the middle of something when its thread ends.
import { parentPort, workerData } from 'node:worker_threads'
import {
  attachDirectory,
  attachPartition,
  onMoved,
  openDirectory,
  subscribeMoved,
} from '../../../src/log/log.js'
import type { PartitionLog, ReadOptions } from '../../../src/log/types.js'
import { batchOfSize, testDirectoryOptions, testLogConfig } from '../batches.js'

/** What a worker does with a partition that is open. */
export interface BusyTask {
  readonly doing: 'hold views' | 'hold views and exit' | 'flush' | 'read cold' | 'listen and append'
  readonly directory: number
  readonly partition: number
}

export type WorkerTask =
  | BusyTask
  | { readonly doing: 'open'; readonly folder: string; readonly records: number }
  | { readonly doing: 'close'; readonly directory: number }

const everything: ReadOptions = {
  offset: 0,
  maxBytes: 8 * 1024 * 1024,
  atLeastOne: true,
  isolation: 'logEnd',
}
const held: unknown[] = []

async function holdViews(log: PartitionLog): Promise<void> {
  for (let i = 0; i < 5; i++) held.push(log.read(everything), await log.readCold(everything))
  onMoved((handles) => held.push(handles))
  subscribeMoved(log.handle)
  log.append(batchOfSize(100))
}

async function run(task: WorkerTask): Promise<void> {
  if (task.doing === 'open') {
    const directory = openDirectory(task.folder, { ...testDirectoryOptions, flush: 'group' })
    const log = directory.openPartition('orders-0', testLogConfig)
    for (let i = 0; i < task.records; i++) log.append(batchOfSize(1000))
    parentPort?.postMessage(directory.handle)
    return
  }
  const directory = attachDirectory(task.directory)
  if (task.doing === 'close') return directory.close()
  const log = attachPartition(task.partition)
  if (task.doing === 'hold views' || task.doing === 'hold views and exit') {
    await holdViews(log)
    if (task.doing === 'hold views and exit') process.exit(0)
    return
  }
  if (task.doing === 'listen and append') {
    onMoved(() => log.append(batchOfSize(100)))
    subscribeMoved(log.handle)
    log.append(batchOfSize(100))
    setInterval(() => {}, 1000)
  }
  parentPort?.postMessage('busy')
  for (;;) {
    if (task.doing === 'flush') await Promise.all([directory.flushAll(), directory.flushAll()])
    else await Promise.all(Array.from({ length: 8 }, () => log.readCold(everything)))
  }
}

await run(workerData as WorkerTask)
