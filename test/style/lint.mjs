// npm run lint: the formatter and linter of each language. --format-native rewrites C and C++ in place.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/setup/prepare.mjs'

const CLANG_FORMAT = 'clang-format-14'

function nativeFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory())
      return ['build', 'corpus', 'third_party'].includes(entry.name) ? [] : nativeFiles(path)
    return /\.(cc?|h)$/.test(entry.name) ? [path] : []
  })
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) process.stderr.write(`${command} cannot be run: ${error.message}\n`)
  return status === 0
}

const formatNative = process.argv.includes('--format-native')
const clangArguments = formatNative ? ['-i'] : ['--dry-run', '--Werror']
let good = run(CLANG_FORMAT, [
  ...clangArguments,
  ...nativeFiles('native'),
  ...nativeFiles('bench/load/clients'),
])
if (!formatNative)
  good =
    run(process.execPath, [
      'node_modules/@biomejs/biome/bin/biome',
      'ci',
      '--error-on-warnings',
      '.',
    ]) && good
process.exitCode = good ? 0 : 1
