// The data directories as metrics.

import type { DirectoryStatistics } from '../log/types.js'
import type { MetricFamily } from '../metrics/types.js'
import type { OpenedDirectory } from '../replicas/identify-directories.js'
import type { LogDirectoryDescription } from '../replicas/log-directories.js'

interface Statistic {
  readonly name: string
  readonly help: string
  readonly type: MetricFamily['type']
  read(statistics: DirectoryStatistics): number
}

const STATISTICS: readonly Statistic[] = [
  statistic('appended_bytes_total', 'Bytes appended.', 'counter', (s) => s.appendedBytes),
  statistic('appended_batches_total', 'Batches appended.', 'counter', (s) => s.appendedBatches),
  statistic('appended_records_total', 'Records appended.', 'counter', (s) => s.appendedRecords),
  statistic('flushes_total', 'Rounds of the flusher.', 'counter', (s) => s.flushes),
  statistic('flushed_bytes_total', 'Bytes flushed.', 'counter', (s) => s.flushedBytes),
  statistic('flush_seconds_total', 'Time in flushes.', 'counter', (s) => s.flushSecondsTotal),
  statistic('flush_longest_seconds', 'The longest flush.', 'gauge', (s) => s.flushSecondsMax),
  statistic('unwritten_bytes', 'Bytes not yet written back.', 'gauge', (s) => s.unwrittenBytes),
  statistic('mapped_bytes', 'Bytes of segments that are mapped.', 'gauge', (s) => s.mappedBytes),
]

export function directoryFamilies(
  directories: readonly OpenedDirectory[],
  described: readonly LogDirectoryDescription[],
): MetricFamily[] {
  const online = directories.flatMap(({ path, log }) =>
    log === undefined || log.offline() ? [] : [{ path, statistics: log.statistics() }],
  )
  const families = STATISTICS.map(({ name, help, type, read }) => ({
    name: `millrace_log_${name}`,
    help,
    type,
    samples: online.map(({ path, statistics }) => ({
      labels: { directory: path },
      value: read(statistics),
    })),
  }))
  return [
    ...families,
    perDirectory(described, 'offline', 'Whether the directory failed.', (directory) =>
      directory.offlineReason === undefined ? 0 : 1,
    ),
    perDirectory(
      described,
      'partitions',
      'Partitions in the directory.',
      (directory) => directory.partitions.length,
    ),
    perDirectory(described, 'size_bytes', 'Bytes of all logs.', (directory) =>
      directory.partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ),
  ]
}

function statistic(
  name: string,
  help: string,
  type: Statistic['type'],
  read: Statistic['read'],
): Statistic {
  return { name, help, type, read }
}

function perDirectory(
  described: readonly LogDirectoryDescription[],
  name: string,
  help: string,
  read: (directory: LogDirectoryDescription) => number,
): MetricFamily {
  return {
    name: `millrace_log_${name}`,
    help,
    type: 'gauge',
    samples: described.map((directory) => ({
      labels: { directory: directory.path },
      value: read(directory),
    })),
  }
}
