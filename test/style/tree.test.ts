// The tree keeps its shape: what lies at the top, which folders explain themselves, how long a file
// grows, and where time and randomness come from.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { projectRoot } from '../support/project.js'

const TOP = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'biome.json',
  'binding.gyp',
  'src',
  'native',
  'bench',
  'test',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
])
const MAX_LINES = 400
const MAX_LINES_OF_TABLES = 1500

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  cwd: projectRoot,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(projectRoot, file)))
const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8')
const product = files.filter(
  (file) => /^(src|native\/(core|binding))\//.test(file) && /\.(ts|mjs|cc|h)$/.test(file),
)

test('the top level holds what it should and nothing else', () => {
  const unexpected = [...new Set(files.map((file) => file.split('/')[0] ?? ''))].filter(
    (name) => !name.startsWith('.') && !TOP.has(name),
  )
  assert.deepEqual(unexpected, [])
})

test('every folder of the product has a README', () => {
  const folders = [...new Set(product.map((file) => dirname(file)))]
  const silent = folders.filter((folder) => !existsSync(join(projectRoot, folder, 'README.md')))
  assert.ok(folders.length > 10)
  assert.deepEqual(silent, [])
})

test('no file has grown beyond reading', () => {
  const tables = /^src\/(config\/.*-configs|protocol\/messages\/|protocol\/error-codes)/
  const long = product.filter(
    (file) => read(file).split('\n').length > (tables.test(file) ? MAX_LINES_OF_TABLES : MAX_LINES),
  )
  assert.deepEqual(long, [])
})

test('time and randomness come from base or from a file that says shell', () => {
  const forbidden = /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\b(set(Timeout|Interval))\(/
  const offenders = product
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/base/'))
    .filter((file) => {
      const text = read(file)
      return forbidden.test(text) && !/^\/\/ shell\b/.test(text)
    })
  assert.deepEqual(offenders, [])
})

// A test may pass what the compiler refuses, when it says so: "@ts-expect-error: why".
test('nothing goes round the type checker', () => {
  const detour = /as unknown as|@ts-(ignore|nocheck)|@ts-expect-error(?!: )|biome-ignore|\bas any\b/
  const offenders = files
    .filter((file) => /^(src|test|bench)\/.*\.ts$/.test(file) && !file.includes('test/style/tree'))
    .filter((file) => detour.test(read(file)))
  assert.deepEqual(offenders, [])
})
