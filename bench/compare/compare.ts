// npm run bench -- compare: Millrace beside the real Kafka and a null sink, on this machine, in one run.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../test/support/project.js'
import { machine, markdown, type Row } from './report.js'
import { groupCommit } from './scenarios/group-commit.js'
import { latency } from './scenarios/latency.js'
import { startup } from './scenarios/startup.js'
import { consume, produce } from './scenarios/throughput.js'

const scenarios: Record<string, (rounds: number) => Promise<Row[]>> = {
  startup,
  produce: (rounds) => produce(rounds, 'os'),
  'produce-group': (rounds) => produce(rounds, 'group'),
  consume: (rounds) => consume(rounds, 'os'),
  'latency-1k': (rounds) => latency(rounds, 1000),
  'latency-10k': (rounds) => latency(rounds, 10_000),
  'group-commit': groupCommit,
}

export async function compare(args: readonly string[]): Promise<void> {
  const rounds = Number(args.find((a) => /^--rounds=\d+$/.test(a))?.slice('--rounds='.length) ?? 3)
  const chosen = args.filter((argument) => !argument.startsWith('--'))
  const unknown = chosen.filter((name) => !Object.hasOwn(scenarios, name))
  if (unknown.length > 0) {
    throw new Error(
      `no scenario ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}`,
    )
  }
  const rows: Row[] = []
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue
    process.stderr.write(`${name}\n`)
    rows.push(...(await scenario(rounds)))
  }
  const results = join(projectRoot, 'bench/results')
  mkdirSync(results, { recursive: true })
  const report = { machine: machine(), rounds, rows }
  writeFileSync(join(results, 'compare.json'), `${JSON.stringify(report, null, 2)}\n`)
  process.stdout.write(`${markdown(rows)}\n`)
}

await compare(process.argv.slice(2))
