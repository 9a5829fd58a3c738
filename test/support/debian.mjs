// What the tests need beyond npm, from Debian: compilers with sanitizers, stock clients, the real
// Kafka's Java, a browser. Only what is missing is installed.
import { spawnSync } from 'node:child_process'
import { SetupError } from '../../src/setup/prepare.mjs'

const PACKAGES = [
  'clang-14',
  'libclang-rt-14-dev',
  'clang-format-14',
  'libgtest-dev',
  'kcat',
  'librdkafka-dev',
  'default-jre-headless',
  'maven',
  'unzip',
  'chromium',
  'strace',
  'etcd-server',
  'zookeeper',
]

function missing() {
  const { stdout, error } = spawnSync('dpkg-query', ['-l', ...PACKAGES], { encoding: 'utf8' })
  if (error) {
    throw new SetupError(
      'the tests install stock clients with apt-get: run them on Debian or Ubuntu',
    )
  }
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.startsWith('ii'))
      .map((line) => line.split(/\s+/)[1]?.split(':')[0]),
  )
  return PACKAGES.filter((name) => !installed.has(name))
}

export function installDebianPackages() {
  const wanted = missing()
  if (wanted.length === 0) return
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  process.stderr.write(`millrace: installing ${wanted.join(', ')} …\n`)
  for (const args of [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...wanted],
  ]) {
    const [command, ...rest] = [...prefix, ...args]
    const { status } = spawnSync(command, rest, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0)
      throw new SetupError(`the tests need ${wanted.join(' ')}: install them with apt-get as root`)
  }
  if (wanted.includes('etcd-server')) stopService('etcd', prefix)
}

// Its package starts it for the whole machine, on a machine that has services; the tests start their own.
function stopService(name, prefix) {
  for (const args of [
    ['systemctl', 'disable', '--now', name],
    ['service', name, 'stop'],
  ]) {
    const [command, ...rest] = [...prefix, ...args]
    spawnSync(command, rest, { stdio: 'ignore' })
  }
}
