// The package as somebody gets it: packed, installed as a command and into a project of its own, and the
// README's programs run against it. Needs the registry, a compiler and some minutes.
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, normalize } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { temporaryDirectory } from '../support/broker.js'
import {
  type Finished,
  kill,
  outputLine,
  runOrFail,
  runToEnd,
  start,
} from '../support/processes.js'
import { projectRoot } from '../support/project.js'

interface Ready {
  readonly ready: true
  readonly kafka: string
  readonly websocket: string
  readonly pid: number
}

const folder = temporaryDirectory()
const unpacked = join(folder, 'package')
const prefix = join(folder, 'global')
const installed = join(prefix, 'lib/node_modules/millrace')
const project = join(folder, 'project')
const data = join(folder, 'data')
const environment = {
  ...process.env,
  PATH: [join(prefix, 'bin'), process.env.PATH].join(delimiter),
}

let serving: ChildProcess
let ready: Ready

before(async () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  await runOrFail('npm', ['pack', '--pack-destination', folder], { cwd: projectRoot })
  const tarball = join(folder, `millrace-${manifest.version}.tgz`)
  await runOrFail('tar', ['-xzf', tarball, '-C', folder])
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  await runOrFail('npm', ['install', '--global', '--prefix', prefix, ...quiet, tarball])
  await runOrFail('mkdir', [project])
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}')
  await runOrFail('npm', ['install', ...quiet, tarball], { cwd: project })

  const args = ['serve', '--json', '--data', data, ...anywhere]
  serving = start('millrace', args, { cwd: folder, env: environment })
  ready = JSON.parse(await outputLine(serving, /./))
})

after(() => kill(serving, 'SIGKILL'))

const anywhere = ['--kafka', '127.0.0.1:0', '--websocket', '127.0.0.1:0']

function millrace(args: readonly string[], input?: string): Promise<Finished> {
  const env = { ...environment, MILLRACE_URL: ready.websocket }
  return runToEnd('millrace', args, { cwd: folder, env, ...(input === undefined ? {} : { input }) })
}

async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await millrace(args)
  assert.equal(code, 0, `millrace ${args.join(' ')}: ${stderr}`)
  return stdout.toString()
}

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test('the package holds the product and nothing else', () => {
  assert.deepEqual(readdirSync(unpacked).sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'binding.gyp',
    'dist',
    'native',
    'package.json',
    'src',
  ])
  assert.deepEqual(readdirSync(join(unpacked, 'dist')), ['src'])
  assert.equal(existsSync(join(unpacked, 'native/test')), false)
})

test('what is compiled is all there, and all of it has its source', () => {
  const source = join(unpacked, 'src')
  const compiled = join(unpacked, 'dist/src')
  const names = (path: string, ending: string) =>
    filesIn(path)
      .filter((file) => file.endsWith(ending) && !file.includes('/joined/'))
      .map((file) => file.slice(path.length, -ending.length))
      .sort()
  assert.deepEqual(names(compiled, '.js'), names(source, '.ts'))
  assert.deepEqual(names(compiled, '.d.ts'), names(source, '.ts'))
})

test('the joined files are there with the licences of what they hold, and import only each other', async () => {
  const joined = join(unpacked, 'dist/src/joined')
  const here = new Set(readdirSync(joined))
  for (const name of ['program.js', 'control-worker.js', 'io-worker.js', 'LICENSES.txt'])
    assert.ok(here.has(name), name)
  assert.match(readFileSync(join(joined, 'LICENSES.txt'), 'utf8'), /^commander \d.* \(MIT\)$/m)
  for (const name of here) {
    if (!name.endsWith('.js')) continue
    const text = readFileSync(join(joined, name), 'utf8')
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\(?"(\.[^"]+)"/g))
      assert.ok(here.has(normalize(imported)), `${name} imports ${imported}`)
  }
  const base = pathToFileURL(join(installed, 'dist/src/base/joined.js')).href
  const { entryOf } = (await import(base)) as typeof import('../../src/base/joined.js')
  const taken = entryOf('program', new URL(base))
  assert.equal(taken.href, pathToFileURL(join(installed, 'dist/src/joined/program.js')).href)
})

test('source maps name files of the package, or carry their text', () => {
  for (const file of filesIn(join(unpacked, 'dist')).filter((name) => name.endsWith('.map'))) {
    const map = JSON.parse(readFileSync(file, 'utf8'))
    for (const [index, source] of map.sources.entries()) {
      const path = join(dirname(file), source)
      assert.ok(path.startsWith(unpacked), `${file} names ${source}`)
      assert.ok(existsSync(path) || typeof map.sourcesContent?.[index] === 'string', source)
    }
  }
})

test('what only development needs is not installed', () => {
  const packages = new Set(
    filesIn(join(installed, 'node_modules')).map((file) => dirname(file).split('/').at(-1)),
  )
  assert.ok(packages.has('pino'))
  for (const name of ['esbuild', 'typescript', 'kafkajs', 'mitata', 'playwright-core'])
    assert.equal(existsSync(join(installed, 'node_modules', name)), false, name)
})

test('the installed command says its version and helps', async () => {
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'))
  assert.equal(await printed('--version'), `${manifest.version}\n`)
  for (const command of ['serve', 'topic', 'produce', 'consume', 'log', 'bench'])
    assert.match(await printed(command, '--help'), new RegExp(`^Usage: millrace ${command}`))
})

test('the first line of serve --json is what it promises', () => {
  assert.deepEqual(Object.keys(ready), ['ready', 'kafka', 'websocket', 'pid'])
  assert.equal(ready.pid, serving.pid)
  assert.match(ready.kafka, /^127\.0\.0\.1:\d+$/)
  assert.match(ready.websocket, /^ws:\/\/127\.0\.0\.1:\d+$/)
})

test('topics, records in and out, a second broker on the same data', async () => {
  await printed('topic', 'create', 'events', '--partitions', '2')
  const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}\n`).join('')
  const { code, stdout } = await millrace(['produce', 'events', '-p', '1', '--json'], lines)
  assert.deepEqual([code, JSON.parse(stdout.toString()).acknowledged], [0, 10_000])
  assert.equal(await printed('consume', 'events', '--until-end'), lines)
  assert.match(await printed('topic', 'describe', 'events'), /^ +1 +1 +\d+ +0 +10000 /m)
  const second = await millrace(['serve', '--data', data, ...anywhere])
  assert.equal(second.code, 1)
  assert.match(second.stderr, /^millrace: another broker uses the data directory .*\n$/)
})

// The blocks of the README in one language, with the broker's own address in place of the usual one.
function programs(language: string): string[] {
  const text = readFileSync(join(unpacked, 'README.md'), 'utf8')
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))
  return Array.from(blocks, ([, block = '']) =>
    block.replaceAll('ws://127.0.0.1:9600', ready.websocket),
  )
}

// With the compiler of the repository and the strictest settings; declarations are checked too.
async function compile(name: string, program: string): Promise<string> {
  const file = join(project, `${name}.ts`)
  writeFileSync(file, program)
  const modules = join(projectRoot, 'node_modules')
  await runOrFail(
    process.execPath,
    [
      join(modules, 'typescript/bin/tsc'),
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--verbatimModuleSyntax',
      '--module',
      'nodenext',
      '--moduleResolution',
      'nodenext',
      '--target',
      'es2022',
      '--typeRoots',
      join(modules, '@types'),
      '--types',
      'node',
      file,
    ],
    { cwd: project },
  )
  return join(project, `${name}.js`)
}

test('the programs of the README, type-checked strictly, in a project of its own', async () => {
  const [client = '', embedded = '', ...more] = programs('ts')
  assert.equal(more.length, 0)
  assert.match(client, /from 'millrace\/client'/)
  assert.match(embedded, /from 'millrace'/)
  const run = async (name: string, program: string) => {
    const file = await compile(name, program)
    return (await runOrFail(process.execPath, [file], { cwd: project })).stdout.toString()
  }
  assert.match(await run('client', client), /^0 hello$/m)
  const readBack = `
for (const { value } of (await broker.read('clicks', 0, { offset: 0 })).records)
  console.log(Buffer.from(value ?? []).toString())
`
  assert.equal(await run('embedded', embedded + readBack), 'reached\none\n')
})

test('a mistake in a program is a type error', async () => {
  const wrong = `import { createBroker } from 'millrace'\nawait createBroker({ dta: 'x' })\n`
  await assert.rejects(compile('wrong', wrong), /'dta' does not exist in type/)
})

test("the README's plain WebSocket program receives records", async () => {
  const [program = ''] = programs('js')
  const file = join(installed, 'plain.mjs')
  // Node has a WebSocket of its own from 22 on; this one is a stand-in for a browser's.
  writeFileSync(file, `import { WebSocket } from 'ws'\n${program}`)
  await millrace(['produce', 'greetings'], 'hello\n')
  const child = start(process.execPath, [file])
  assert.match(await outputLine(child, /hello/), /"greetings"|hello/)
  await kill(child, 'SIGKILL')
})

test('a benchmark of the broker that serves', async () => {
  const { kafka, websocket } = ready
  const args = ['bench', '--seconds', '1', '--kafka', kafka, '--url', websocket, '--json']
  const results = JSON.parse(await printed(...args, '--out', join(folder, 'bench')))
  assert.equal(typeof results, 'object')
  assert.ok(existsSync(join(folder, 'bench/bench.svg')))
})

test('a clean stop, after which the files can be looked into', async () => {
  await kill(serving, 'SIGINT')
  assert.equal(serving.exitCode, 0)
  const dumped = (await printed('log', 'dump', '--json', join(data, 'events-1'))).trim().split('\n')
  const counts = dumped.map((line) => JSON.parse(line).recordsCount)
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    10_000,
  )
  assert.equal(JSON.parse(await printed('log', 'verify', '--json', data)).damaged, false)
  assert.match(await printed('log', 'repair', join(data, 'events-1')), /is not damaged/)
})
