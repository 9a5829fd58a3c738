// The results as one SVG picture: bars of throughput, and latency by percentile on logarithmic axes.
import type { BenchResult, LatencyResult, ThroughputResult, Transport } from './plan.js'

const WIDTH = 880
const BAR_HEIGHT = 26
const PLOT_HEIGHT = 300
const MARGIN = { left: 205, right: 40, top: 90 }
const COLOURS: Record<Transport, string> = { kafka: '#2f6f9f', websocket: '#c2562d' }
const NAMES: Record<Transport, string> = { kafka: 'Kafka protocol', websocket: 'WebSocket' }

export interface PlotText {
  readonly title: string
  /** Flush policy, sizes, machine: what stands beside every number. */
  readonly subtitle: string
}

export function plot(results: readonly BenchResult[], { title, subtitle }: PlotText): string {
  const throughputs = results.filter((r): r is ThroughputResult => r.kind !== 'latency')
  const latencies = results.filter((r): r is LatencyResult => r.kind === 'latency')
  const barsEnd = MARGIN.top + throughputs.length * (BAR_HEIGHT + 10)
  const height = barsEnd + (latencies.length > 0 ? PLOT_HEIGHT + 130 : 30)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="30" y="38" font-size="20" font-weight="600">${escapeXml(title)}</text>`,
    `<text x="30" y="60" fill="#555">${escapeXml(subtitle)}</text>`,
    ...bars(throughputs),
    ...(latencies.length > 0 ? curves(latencies, barsEnd + 60) : []),
    '</svg>',
    '',
  ].join('\n')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function bars(results: readonly ThroughputResult[]): string[] {
  const rates = results.map((r) => r.bytes / r.seconds / 1e6)
  const widest = Math.max(1, ...rates)
  const room = WIDTH - MARGIN.left - MARGIN.right - 210
  return results.flatMap((result, i) => {
    const y = MARGIN.top + i * (BAR_HEIGHT + 10)
    const width = ((rates[i] ?? 0) / widest) * room
    const records = Math.round(result.records / result.seconds).toLocaleString('en')
    const label = `${(rates[i] ?? 0).toFixed(0)} MB/s · ${records} records/s`
    return [
      `<text x="${MARGIN.left - 12}" y="${y + 18}" text-anchor="end">${result.kind}, ${NAMES[result.transport]}</text>`,
      `<rect x="${MARGIN.left}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="3" fill="${COLOURS[result.transport]}"/>`,
      `<text x="${(MARGIN.left + width + 10).toFixed(1)}" y="${y + 18}" fill="#333">${label}</text>`,
    ]
  })
}

// Percentile axis: 0 %, 90 %, 99 %, 99.9 % … at equal distances.
function nines(percentile: number): number {
  return Math.min(4, -Math.log10(Math.max(1e-4, 1 - percentile / 100)))
}

function curves(results: readonly LatencyResult[], top: number): string[] {
  const values = results.flatMap((r) => r.percentiles.map((p) => p.valueMs)).filter((v) => v > 0)
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  const right = WIDTH - MARGIN.right
  const x = (percentile: number) => MARGIN.left + (nines(percentile) / 4) * (right - MARGIN.left)
  const y = (valueMs: number) =>
    top +
    PLOT_HEIGHT -
    ((Math.log10(Math.max(valueMs, 10 ** low)) - low) / (high - low)) * PLOT_HEIGHT
  const lines: string[] = [
    `<text x="${MARGIN.left}" y="${top - 16}" font-weight="600">latency, due to consumed</text>`,
  ]
  for (const percentile of [0, 90, 99, 99.9, 99.99]) {
    lines.push(
      `<line x1="${x(percentile)}" x2="${x(percentile)}" y1="${top}" y2="${top + PLOT_HEIGHT}" stroke="#e3e3e3"/>`,
      `<text x="${x(percentile)}" y="${top + PLOT_HEIGHT + 20}" text-anchor="middle" fill="#555">${percentile === 0 ? 'least' : `p${percentile}`}</text>`,
    )
  }
  for (let power = low; power <= high; power++) {
    const at = y(10 ** power)
    lines.push(
      `<line x1="${MARGIN.left}" x2="${right}" y1="${at}" y2="${at}" stroke="#e3e3e3"/>`,
      `<text x="${MARGIN.left - 12}" y="${at + 4}" text-anchor="end" fill="#555">${10 ** power} ms</text>`,
    )
  }
  results.forEach((result, i) => {
    const points = result.percentiles.map(
      (p) => `${x(p.percentile).toFixed(1)},${y(p.valueMs).toFixed(1)}`,
    )
    const colour = COLOURS[result.transport]
    lines.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
      `<text x="${MARGIN.left + 10}" y="${top + 22 + i * 20}" fill="${colour}">${NAMES[result.transport]}, ${result.rate.toLocaleString('en')}/s</text>`,
    )
  })
  return lines
}
