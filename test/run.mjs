// npm test: sets the clone up on a fresh machine, then runs every test there is under one runner, whose
// summary is the last thing printed. Arguments narrow it to the test files whose path contains one of
// them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { prepare, root, SetupError, withFriendlyErrors } from '../src/setup/prepare.mjs'
import { installDebianPackages } from './support/debian.mjs'

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return testFiles(path)
    return entry.name.endsWith('.test.js') ? [path] : []
  })
}

// An empty test file counts as a pass for the runner, so it is refused here. Compiled files whose
// source is gone are left out.
function isTest(file) {
  const source = join(root, relative(join(root, 'dist'), file).replace(/\.js$/, '.ts'))
  let text
  try {
    text = readFileSync(source, 'utf8')
  } catch {
    return false
  }
  if (!/\b(test|it|describe)\(/.test(text))
    throw new SetupError(`${relative(root, source)} holds no test`)
  return true
}

await withFriendlyErrors(async () => {
  const wanted = process.argv.slice(2)
  installDebianPackages()
  await prepare({ simulation: true })
  const files = testFiles(join(root, 'dist/test'))
    .filter(isTest)
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort()
  if (files.length === 0) throw new SetupError('no test file was found')
  const { status } = spawnSync(
    process.execPath,
    [
      '--enable-source-maps',
      '--test',
      '--test-concurrency=2',
      '--test-timeout=2400000',
      '--test-reporter=spec',
      ...files,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
  )
  process.exitCode = status ?? 1
})
