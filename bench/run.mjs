// npm run bench: sets the clone up, then runs a benchmark. `npm run bench` measures this machine with
// Millrace's own load generator; `npm run bench -- compare` beside the real Kafka; `-- micro` the parts.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root, SetupError, withFriendlyErrors } from '../src/setup/prepare.mjs'

function node(...args) {
  const { status } = spawnSync(process.execPath, ['--enable-source-maps', ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = status ?? 1
}

await withFriendlyErrors(async () => {
  const [kind = 'load', ...rest] = process.argv.slice(2)
  await prepare()
  if (kind === 'load') node('dist/src/cli/main.js', 'bench', ...rest)
  else if (kind === 'compare') node('dist/bench/compare/compare.js', ...rest)
  else if (kind === 'micro') {
    const folder = join(root, 'dist/bench/micro')
    for (const file of existsSync(folder) ? readdirSync(folder) : []) {
      if (file.endsWith('.js') && (rest.length === 0 || rest.some((part) => file.includes(part))))
        node(join(folder, file))
    }
  } else throw new SetupError(`no benchmark is called ${kind}: load, compare or micro`)
})
