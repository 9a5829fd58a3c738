// shell: the terminal and its clock. What a person sees of a long run, on standard error: records, MB/s,
// in flight, acknowledged; nothing where there is no terminal.
// A CommonJS package whose names Node does not see.
import cliProgress from 'cli-progress'

export interface RunCounters {
  records: number
  bytes: number
  acknowledged: number
}

export interface Progress {
  stop(): void
  /** Since the start. */
  seconds(): number
}

const REFRESH_MS = 100

/** `totalBytes` makes it a bar; without it, a line that counts. */
export function showProgress(counters: RunCounters, totalBytes: number | undefined): Progress {
  const begin = performance.now()
  const seconds = () => (performance.now() - begin) / 1000
  if (!process.stderr.isTTY) return { stop: () => {}, seconds }
  const bar = new cliProgress.SingleBar(
    {
      stream: process.stderr,
      hideCursor: true,
      clearOnComplete: true,
      format: (options, params) => {
        const drawn =
          totalBytes === undefined
            ? ''
            : `${cliProgress.Format.BarFormat(params.progress, options)} `
        return drawn + describe(counters, seconds())
      },
    },
    cliProgress.Presets.shades_classic,
  )
  bar.start(totalBytes ?? 1, 0)
  const timer = setInterval(() => bar.update(Math.min(counters.bytes, totalBytes ?? 1)), REFRESH_MS)
  return {
    seconds,
    stop: () => {
      clearInterval(timer)
      bar.stop()
    },
  }
}

function describe({ records, bytes, acknowledged }: RunCounters, seconds: number): string {
  const rate = bytes / Math.max(seconds, 0.001) / 1e6
  return [
    `${records.toLocaleString('en')} records`,
    `${rate.toFixed(1)} MB/s`,
    `${(records - acknowledged).toLocaleString('en')} in flight`,
    `${acknowledged.toLocaleString('en')} acknowledged`,
  ].join(' · ')
}
