// Formatters and linters of both languages have nothing to say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runToEnd } from '../support/processes.js'
import { projectRoot } from '../support/project.js'

test('npm run lint is clean', async () => {
  const { code, stdout, stderr } = await runToEnd(process.execPath, ['test/style/lint.mjs'], {
    cwd: projectRoot,
  })
  assert.equal(code, 0, `${stdout}${stderr}`)
})
