import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { plot } from '../../src/cli/bench/plot.js'
import { temporaryDirectory } from '../support/broker.js'
import { run } from './cli.js'

interface Printed {
  readonly flush: string
  readonly recordBytes: number
  readonly results: readonly {
    readonly kind: string
    readonly transport: string
    readonly records: number
    readonly bytes?: number
    readonly percentiles?: readonly { readonly percentile: number; readonly valueMs: number }[]
  }[]
}

/** Every element is closed in order, and no text holds a bare & or <. */
function assertWellFormed(xml: string): void {
  const open: string[] = []
  const rest = xml.replaceAll(
    /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, closing: string, name: string, _attributes: string, isEmpty: string) => {
      if (closing) assert.equal(open.pop(), name)
      else if (!isEmpty) open.push(name)
      return ''
    },
  )
  assert.deepEqual(open, [])
  assert.doesNotMatch(rest, /[<>]|&(?!amp;|lt;|gt;|quot;)/)
  assert.doesNotMatch(xml, /NaN|undefined|Infinity/)
}

test('bench measures both transports, and writes JSON and a picture', async () => {
  const out = temporaryDirectory()
  const flags = ['--seconds', '1', '--size', '100', '--rate', '100', '--out', out]
  const { code, stdout, stderr } = await run(['bench', '--json', '--flush', 'os', ...flags])
  assert.equal(code, 0, stderr)
  const printed = JSON.parse(stdout.toString()) as Printed
  assert.deepEqual([printed.flush, printed.recordBytes], ['os', 100])
  assert.deepEqual(
    printed.results.map(({ transport, kind }) => `${transport} ${kind}`),
    ['kafka', 'websocket'].flatMap((transport) =>
      ['produce', 'consume', 'latency'].map((kind) => `${transport} ${kind}`),
    ),
  )
  for (const { kind, records, bytes, percentiles } of printed.results) {
    assert.ok(records > 0)
    if (kind !== 'latency') assert.equal(bytes, records * 100)
    else {
      const values = percentiles?.map(({ valueMs }) => valueMs) ?? []
      assert.ok(values.length > 5)
      assert.deepEqual(
        values,
        values.toSorted((a, b) => a - b),
      )
    }
  }
  assert.deepEqual(JSON.parse(readFileSync(join(out, 'bench.json'), 'utf8')), printed)
  const svg = readFileSync(join(out, 'bench.svg'), 'utf8')
  assertWellFormed(svg)
  assert.match(svg, /flush: os · 100 B records/)
})

test('text in the picture is escaped', () => {
  const svg = plot([], { title: 'a & b', subtitle: 'x < y > z' })
  assertWellFormed(svg)
  assert.match(svg, /a &amp; b/)
  assert.match(svg, /x &lt; y &gt; z/)
})

test('one address without the other is a usage error', async () => {
  const { code, stderr } = await run(['bench', '--kafka', '127.0.0.1:1'])
  assert.equal(code, 2)
  assert.match(stderr, /give both --kafka and --url/)
})
