// Makes a clone runnable: packages, the native addon, the compiled TypeScript, each only when what it
// is made from has changed. Plain JavaScript on Node's own modules: nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joinModules } from './bundle.mjs'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const OLDEST_NODE = 20

/** A step that could not be done, in one line with what to do about it. */
export class SetupError extends Error {}

/**
 * Brings everything up to date; says what it does on standard error, and nothing when all is fresh.
 * `simulation` also builds the addon over a simulated disk, for tests.
 */
export async function prepare({ simulation = false } = {}) {
  checkNode(process.versions.node)
  await step(
    'packages',
    ['package.json', 'package-lock.json'],
    'node_modules/.package-lock.json',
    () =>
      run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
        doing: 'installing packages',
        hint: 'npm could not install the packages: look at what it printed above, most often the network',
      }),
  )
  await step(
    'native',
    ['binding.gyp', 'native/core', 'native/binding', 'native/third_party'],
    simulation ? 'build/Release/millrace_test.node' : 'build/Release/millrace.node',
    () => buildNative(simulation),
  )
  await step(
    'typescript',
    ['tsconfig.json', 'package-lock.json', 'src', 'test', 'bench'],
    'dist/src/cli/main.js',
    async () => {
      run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
        doing: 'compiling TypeScript',
        hint: 'the TypeScript compiler found errors: see above',
      })
      removeOrphans(join(root, 'dist/src'), join(root, 'src'))
      await joinModules(join(root, 'dist'))
    },
  )
}

/** Removes from `compiled` what tsc made of files that `sources` no longer holds: it would be packed. */
export function removeOrphans(compiled, sources) {
  for (const entry of readdirSync(compiled, { withFileTypes: true })) {
    const path = join(compiled, entry.name)
    const source = join(sources, entry.name.replace(/\.(js|js\.map|d\.ts)$/, '.ts'))
    if (!existsSync(source)) rmSync(path, { recursive: true })
    else if (entry.isDirectory()) removeOrphans(path, source)
  }
}

export function checkNode(version) {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return
  throw new SetupError(
    `Millrace needs Node.js ${OLDEST_NODE} or later and this is ${version}: install a newer one from nodejs.org or with your version manager`,
  )
}

/** What compiles the addon is there, or it is said what is missing. */
export function checkTools() {
  for (const tool of ['python3', 'make', 'g++']) {
    if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined) continue
    throw new SetupError(
      `the native part of Millrace is compiled here, and there is no ${tool}: install it (Debian and Ubuntu: apt-get install ${tool}) and do this again`,
    )
  }
}

function buildNative(simulation) {
  checkTools()
  // What is not built now would be older than its sources.
  if (!simulation) rmSync(join(root, 'build/Release/millrace_test.node'), { force: true })
  const gyp = ['node_modules/node-gyp/bin/node-gyp.js', ...nodeHeaders(), '--loglevel=error']
  const options = {
    hint: 'the native addon did not compile: the compiler said why above; g++ 11 or later is needed',
    quietUnlessFailed: true,
  }
  const variables = simulation ? ['--', '-Dsimulation=1'] : []
  run(process.execPath, [...gyp, 'configure', ...variables], {
    ...options,
    doing: 'looking at the compiler',
  })
  run(process.execPath, [...gyp, 'build', '--jobs', '2'], {
    ...options,
    doing: 'compiling the native log (a minute, once)',
  })
}

/** For node-gyp: where Node's headers lie beside it, nothing needs to be downloaded. */
export function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : []
}

// A step is fresh when its product exists and its inputs are those it was made from.
async function step(name, inputs, product, make) {
  const stamp = join(root, 'node_modules', `.millrace-${name}`)
  const fingerprint = fingerprintOf(inputs)
  const made = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (made === fingerprint && existsSync(join(root, product))) return
  await make()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, fingerprint)
}

function fingerprintOf(inputs) {
  const hash = createHash('sha256')
  hash.update(process.versions.modules)
  for (const input of inputs) addToFingerprint(hash, join(root, input))
  return hash.digest('hex')
}

function addToFingerprint(hash, path) {
  const status = statSync(path)
  if (status.isDirectory()) {
    for (const name of readdirSync(path).sort()) addToFingerprint(hash, join(path, name))
  } else {
    hash.update(`${path} ${status.size} ${status.mtimeMs}\n`)
  }
}

export function run(command, args, { doing, hint, quietUnlessFailed = false }) {
  process.stderr.write(`millrace: ${doing} …\n`)
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quietUnlessFailed ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
    maxBuffer: 64 << 20,
  })
  if (result.error === undefined && result.status === 0) return
  if (quietUnlessFailed) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  throw new SetupError(
    result.error === undefined ? hint : `${command} cannot be run: ${result.error.message}`,
  )
}

/** Runs `main`, and turns a SetupError into one line and exit code 1. */
export async function withFriendlyErrors(main) {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`millrace: ${error.message}\n`)
    process.exitCode = 1
  }
}
