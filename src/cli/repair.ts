// millrace log repair: opens the data directory of a stopped broker and, on explicit order, cuts a
// partition that was quarantined because data that had been on disk is damaged.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { toLogConfig } from '../config/topic-config-values.js'
import { LogError, openDirectory } from '../log/log.js'
import type { LogDirectory, RecoveryReport } from '../log/types.js'
import { CommandFailure, ExitCode } from './exit.js'

export interface RepairFlags {
  readonly yes?: boolean
  readonly json?: boolean
}

export async function repair(folder: string, flags: RepairFlags): Promise<void> {
  const path = resolve(folder)
  if (!existsSync(path)) throw new CommandFailure(`there is no ${folder}`, ExitCode.notFound)
  // Opening a directory writes into it.
  if (!isPartition(path)) {
    throw new CommandFailure(
      `${folder} is no partition in a data directory: name one such as millrace-data/events-0`,
      ExitCode.notFound,
    )
  }
  const directory = open(dirname(path))
  try {
    await repairIn(directory, basename(path), flags)
  } finally {
    await directory.close()
  }
}

function isPartition(path: string): boolean {
  if (!/-\d+$/.test(basename(path)) || !statSync(path).isDirectory()) return false
  return readdirSync(path).some((name) => /^\d{20}\.log$/.test(name))
}

function open(path: string): LogDirectory {
  try {
    return openDirectory(path, { flush: 'group', flushIntervalMs: 1000, writeMode: 'mmap' })
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    const hint = error.code === 'LOCKED' ? ': stop the broker that uses it first' : ''
    throw new CommandFailure(`${error.message}${hint}`)
  }
}

// Every partition of the directory is opened, and so recovered, because the clean close at the end
// vouches for all of them.
async function repairIn(directory: LogDirectory, name: string, flags: RepairFlags): Promise<void> {
  const config = toLogConfig({}, { topicDefaults: {}, validateRecords: 'full' })
  const names = directory.partitionNames()
  if (!names.includes(name)) {
    throw new CommandFailure(`${directory.path} holds no partition ${name}`, ExitCode.notFound)
  }
  const opened = await directory.openPartitions(names.map((each) => ({ name: each, config })))
  const found = opened.find((partition) => partition.name === name)?.recovery()
  if (!found?.quarantined) {
    print(flags, { name, repaired: false }, `${name} is not damaged: nothing to repair`)
    return
  }
  if (!flags.yes) {
    print(
      flags,
      { name, repaired: false, reason: found.reason },
      `${name}: ${found.reason}\nRepairing it loses everything from there on. To do so, add --yes`,
    )
    process.exitCode = ExitCode.damaged
    return
  }
  const report = await directory.repairPartition(name)
  print(flags, { name, repaired: true, ...report }, describe(name, report))
}

function describe(name: string, report: RecoveryReport): string {
  return `${name} is repaired: cut at offset ${report.cutAtOffset}, ${report.cutBytes} bytes are gone (${report.reason})`
}

function print(flags: RepairFlags, value: unknown, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(value) : text}\n`)
}
