import assert from 'node:assert/strict'
import { runToEnd } from '../support/processes.js'
import { projectRoot } from '../support/project.js'

/** Runs a target of native/test/Makefile; what the tests printed is shown when it fails. */
export async function make(
  target: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await runToEnd('make', ['-j2', '-C', 'native/test', target], {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
  })
  assert.equal(code, 0, `${stdout.toString().slice(-8000)}\n${stderr.slice(-8000)}`)
  return stdout.toString()
}
