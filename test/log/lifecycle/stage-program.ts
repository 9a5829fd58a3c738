// A process that ends at one stage of the log's life. argv: the stage's name and an empty folder.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import {
  attachDirectory,
  attachPartition,
  onMoved,
  openDirectory,
  subscribeMoved,
} from '../../../src/log/log.js'
import type { LogDirectory, PartitionLog, ReadOptions } from '../../../src/log/types.js'
import { batchOfSize, testDirectoryOptions, testLogConfig } from '../batches.js'
import type { BusyTask, WorkerTask } from './stage-worker.js'

const everything: ReadOptions = {
  offset: 0,
  maxBytes: 8 * 1024 * 1024,
  atLeastOne: true,
  isolation: 'logEnd',
}

/** Records that every stage appends before it ends. */
export const appendedAtLeast = 50

function open(folder: string): { directory: LogDirectory; log: PartitionLog } {
  const directory = openDirectory(folder, { ...testDirectoryOptions, flush: 'group' })
  const log = directory.openPartition('orders-0', testLogConfig)
  for (let i = 0; i < appendedAtLeast; i++) log.append(batchOfSize(10_000))
  return { directory, log }
}

async function views(log: PartitionLog): Promise<Uint8Array> {
  const read = log.read(everything)
  const ok = read.status === 'cold' ? await log.readCold(everything) : read
  const [chunk] = ok.status === 'ok' ? ok.chunks : []
  if (chunk === undefined) throw new Error('nothing to read')
  return chunk
}

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum + byte, 0)
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
}

function startWorker(task: WorkerTask): Worker {
  return new Worker(fileURLToPath(new URL('./stage-worker.js', import.meta.url)), {
    workerData: task,
  })
}

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)))
  })
}

function exit(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once('exit', resolve))
}

/** Runs the worker until it says that it is in the middle of its task, then terminates it. */
async function terminateDuring(folder: string, doing: BusyTask['doing']): Promise<void> {
  const { directory, log } = open(folder)
  for (let round = 0; round < 15; round++) {
    const worker = startWorker({ partition: log.handle, directory: directory.handle, doing })
    await message(worker)
    for (let i = 0; i < round * 20; i++) log.append(batchOfSize(100))
    const ended = exit(worker)
    await worker.terminate()
    await ended
  }
  log.append(batchOfSize(100))
  await directory.close()
}

const stages: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  async 'exit with the directory open'(folder) {
    open(folder)
    process.exit(0)
  },

  async 'natural end with the directory open and subscribed'(folder) {
    const { log } = open(folder)
    onMoved(() => {})
    subscribeMoved(log.handle)
    log.append(batchOfSize(10))
  },

  async 'exit during a flush'(folder) {
    const { directory } = open(folder)
    void directory.flushAll()
    process.exit(0)
  },

  async 'exit during a cold read'(folder) {
    const { log } = open(folder)
    for (let i = 0; i < 20; i++) void log.readCold(everything)
    process.exit(0)
  },

  async 'exit during close'(folder) {
    void open(folder).directory.close()
    process.exit(0)
  },

  async 'exit inside a notification'(folder) {
    const { log } = open(folder)
    onMoved(() => process.exit(0))
    subscribeMoved(log.handle)
    log.append(batchOfSize(10))
    setInterval(() => {}, 1000)
  },

  async 'exit while a worker is busy'(folder) {
    const { directory, log } = open(folder)
    const worker = startWorker({
      partition: log.handle,
      directory: directory.handle,
      doing: 'listen and append',
    })
    await message(worker)
    process.exit(0)
  },

  async 'views outlive close and garbage collection'(folder) {
    const { directory, log } = open(folder)
    const view = await views(log)
    const before = sumOf(view)
    await directory.close()
    collectGarbage()
    await nextTurn()
    collectGarbage()
    if (sumOf(view) !== before) throw new Error('the view changed')
  },

  async 'garbage collection of views while the log is used'(folder) {
    const { directory, log } = open(folder)
    for (let i = 0; i < 50; i++) {
      await views(log)
      await log.readCold(everything)
      collectGarbage()
    }
    await directory.close()
  },

  async 'a worker ends with views alive'(folder) {
    const { directory, log } = open(folder)
    for (const doing of ['hold views', 'hold views and exit'] as const) {
      const worker = startWorker({ partition: log.handle, directory: directory.handle, doing })
      await exit(worker)
    }
    await views(log)
    await directory.close()
  },

  async 'only workers load the addon, one after another'(folder) {
    const opener = startWorker({ folder, doing: 'open', records: appendedAtLeast })
    const handle = await message(opener)
    await exit(opener)
    const closer = startWorker({ directory: Number(handle), doing: 'close' })
    if ((await exit(closer)) !== 0) throw new Error('closing failed')
  },

  'terminate a worker that flushes': (folder) => terminateDuring(folder, 'flush'),
  'terminate a worker that reads cold': (folder) => terminateDuring(folder, 'read cold'),
  'terminate a worker that listens and appends': (folder) =>
    terminateDuring(folder, 'listen and append'),

  async 'a listener that throws is an uncaught exception'(folder) {
    const { directory, log } = open(folder)
    onMoved(() => {
      throw new Error('from the listener')
    })
    const caught = new Promise<Error>((resolve) => process.once('uncaughtException', resolve))
    const timer = setInterval(() => {}, 1000)
    subscribeMoved(log.handle)
    log.append(batchOfSize(10))
    if ((await caught).message !== 'from the listener') throw new Error('another exception')
    clearInterval(timer)
    process.on('uncaughtException', () => {}) // the close is reported too
    await directory.close()
    attachedNowhere(directory.handle, log.handle)
  },
}

function attachedNowhere(directory: number, partition: number): void {
  for (const attach of [() => attachDirectory(directory), () => attachPartition(partition)]) {
    try {
      attach()
    } catch {
      continue
    }
    throw new Error('still attached after close')
  }
}

export const stageNames = Object.keys(stages)

const [stage, folder] = process.argv.slice(2)
if (stage !== undefined && folder !== undefined) await stages[stage]?.(folder)
