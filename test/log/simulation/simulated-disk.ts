// A disk in memory whose power can be cut, with the real log over it: the addon's test build.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { attachDirectory } from '../../../src/log/log.js'
import type { NativeDirectoryOptions } from '../../../src/log/native.js'
import { toNativeDirectoryOptions } from '../../../src/log/native-options.js'
import type { LogDirectory, LogDirectoryOptions } from '../../../src/log/types.js'
import { projectRoot } from '../../support/project.js'

/** Numbers of native/core/simulated_file_system.h and status.h. */
export const operation = { write: 2, allocate: 3, syncData: 5, map: 8 } as const
export const failureCode = { ioError: 1, noSpace: 2 } as const

interface SimulationAddon {
  createDisk(): number
  openSimulatedDirectory(
    disk: number,
    path: string,
    options: NativeDirectoryOptions,
    startThread: boolean,
  ): number
  flushStep(directory: number): number
  abandonDirectory(directory: number): void
  crash(disk: number, seed: number): void
  failOperation(disk: number, operation: number, nth: number, code: number, path: string): void
  setCapacity(disk: number, bytes: number): void
}

const require = createRequire(import.meta.url)

/** Lets this thread's log load the test build, which `npm test` made. */
function loadTestAddon(): SimulationAddon {
  const file = join(projectRoot, 'build/Release/millrace_test.node')
  process.env.MILLRACE_ADDON = file
  return require(file) as SimulationAddon
}

const addon = loadTestAddon()

export class SimulatedDisk {
  readonly #disk = addon.createDisk()
  #open: number | undefined

  /** Opens a directory on it whose flusher runs only when flushStep() is called. */
  openDirectory(options: LogDirectoryOptions): LogDirectory {
    const native = toNativeDirectoryOptions(options)
    this.#open = addon.openSimulatedDirectory(this.#disk, '/data', native, false)
    return attachDirectory(this.#open)
  }

  flushStep(): void {
    if (this.#open !== undefined) addon.flushStep(this.#open)
  }

  /** The process dies and the power goes: of what was not synced, the seed keeps some. */
  cutPower(seed: number): void {
    if (this.#open !== undefined) addon.abandonDirectory(this.#open)
    this.#open = undefined
    addon.crash(this.#disk, seed)
  }

  fail(what: number, nth: number, code: number): void {
    addon.failOperation(this.#disk, what, nth, code, '')
  }

  setCapacity(bytes: number): void {
    addon.setCapacity(this.#disk, bytes)
  }
}
