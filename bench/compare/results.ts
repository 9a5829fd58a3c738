// Keeps each scenario's last rows: running one leaves the others' as they were.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../test/support/project.js'
import type { Options } from './options.js'
import { machine, markdown, type Row } from './report.js'

interface Kept {
  readonly scenario: string
  readonly machine: Readonly<Record<string, string>>
  readonly options: Options
  readonly rows: readonly Row[]
}

/** Stores the rows, writes compare.json and compare.md, and returns the rows as a table. */
export function keep(scenario: string, rows: readonly Row[], options: Options): string {
  const folder = join(projectRoot, 'bench/results')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'compare.json')
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : []
  const isSame = (kept: Kept) =>
    kept.scenario === scenario && kept.options.writeMode === options.writeMode
  const all = before.filter((kept) => !isSame(kept))
  all.push({ scenario, machine: machine(), options, rows })
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(join(folder, 'compare.md'), page(all))
  return markdown(rows)
}

function page(all: readonly Kept[]): string {
  const sections = all.map(({ scenario, machine, options, rows }) => {
    const facts = Object.entries(machine).map(([name, value]) => `${name}: ${value}`)
    const scale = options.scale === 1 ? '' : `; volumes × ${options.scale}: a trial, no result`
    return `## ${scenario}, write mode ${options.writeMode}\n\n${facts.join('; ')}${scale}\n\n${markdown(rows)}\n`
  })
  return `# Results\n\nWritten by \`npm run bench -- compare\`. How to read them: ../README.md.\n\n${sections.join('\n')}`
}
