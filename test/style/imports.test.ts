// The layers of src/ hold: see .dependency-cruiser.cjs.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { projectRoot } from '../support/project.js'

interface Violation {
  readonly rule: { readonly name: string }
  readonly from: string
  readonly to: string
}

test('imports point one way', async () => {
  process.chdir(projectRoot)
  const { options, ...ruleSet } = createRequire(import.meta.url)(
    join(projectRoot, '.dependency-cruiser.cjs'),
  )
  const result = await cruise(
    ['src'],
    { ...options, ruleSet, validate: true },
    { ...options.enhancedResolveOptions },
    { tsConfig: extractTSConfig('tsconfig.json') },
  )
  assert.ok(typeof result.output === 'object')
  const { violations, totalCruised } = result.output.summary as {
    violations: Violation[]
    totalCruised: number
  }
  assert.ok(totalCruised > 50, `only ${totalCruised} modules were seen: the check itself is broken`)
  const lines = violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`)
  assert.deepEqual(lines, [])
})
