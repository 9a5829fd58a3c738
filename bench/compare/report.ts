// Rows of a comparison: each a figure per target, the ratio of one run, and what was to be reached.
import { readFileSync } from 'node:fs'

export interface Row {
  readonly scenario: string
  readonly flush: string
  /** Median of the measured runs, by target. */
  readonly figures: Readonly<Record<string, number>>
  readonly unit: string
  readonly ratio?: { readonly of: string; readonly to: string; readonly value: number }
  readonly goal?: { readonly text: string; readonly reached: boolean }
  readonly volume: string
}

export function machine(): Record<string, string> {
  const read = (path: string) => readFileSync(path, 'utf8').trim()
  const cpu = /model name\s*: (.*)/.exec(read('/proc/cpuinfo'))?.[1] ?? 'unknown'
  const cores = read('/proc/cpuinfo').match(/^processor/gm)?.length ?? 0
  return {
    cpu: `${cores} × ${cpu}`,
    kernel: read('/proc/sys/kernel/osrelease'),
    memory: /MemTotal:\s+(.*)/.exec(read('/proc/meminfo'))?.[1] ?? '',
    dirtyLimit: `vm.dirty_ratio ${read('/proc/sys/vm/dirty_ratio')} %, background ${read('/proc/sys/vm/dirty_background_ratio')} %, vm.dirty_bytes ${read('/proc/sys/vm/dirty_bytes')}`,
    node: process.version,
  }
}

export function markdown(rows: readonly Row[]): string {
  const lines = [
    '| scenario | flush | figures (median) | ratio | goal | |',
    '|---|---|---|---|---|---|',
  ]
  for (const row of rows) {
    const figures = Object.entries(row.figures)
      .map(([name, value]) => `${name}: ${format(value)} ${row.unit}`)
      .join('<br>')
    const ratio = row.ratio ? `${row.ratio.value.toFixed(2)} of ${row.ratio.to}` : ''
    const verdict = row.goal === undefined ? '' : row.goal.reached ? 'reached' : '**missed**'
    lines.push(
      `| ${row.scenario} (${row.volume}) | ${row.flush} | ${figures} | ${ratio} | ${row.goal?.text ?? ''} | ${verdict} |`,
    )
  }
  return lines.join('\n')
}

function format(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}
