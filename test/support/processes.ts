// shell: child processes of a test, that never outlive it.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Starts a process that is killed at the latest when the test process ends. */
export function start(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn(command, args, options)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Runs a process to its end, with `input` on its standard input. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { input?: Uint8Array | string } = {},
): Promise<Finished> {
  const child = start(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin?.on('error', () => {}) // a process may end before it has read everything
  child.stdin?.end(options.input ?? '')
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }
}

/** Like runToEnd(), and an exit code other than 0 is an error that shows what was printed. */
export async function runOrFail(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { input?: Uint8Array | string } = {},
): Promise<Finished> {
  const finished = await runToEnd(command, args, options)
  if (finished.code !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${finished.code ?? finished.signal}\n${finished.stderr}${finished.stdout.toString().slice(-2000)}`,
    )
  }
  return finished
}

/** Resolves when a line of the process's output matches; rejects when it ends before that. */
export function outputLine(
  child: ChildProcess,
  pattern: RegExp,
  from: 'stdout' | 'stderr' = 'stdout',
): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      text += chunk.toString()
      const line = text.split('\n').find((candidate) => pattern.test(candidate))
      if (line === undefined) return
      child[from]?.off('data', onData)
      child[from]?.resume()
      resolve(line)
    }
    child[from]?.on('data', onData)
    child.once('exit', (code) =>
      reject(new Error(`ended with ${code} before ${pattern}: ${text.slice(-2000)}`)),
    )
    child.once('error', reject)
  })
}

/** Memory of a process that is no mapped file's. */
export function anonymousBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory`)
  return Number(kibibytes) * 1024
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
