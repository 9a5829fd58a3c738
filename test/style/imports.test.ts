// The layers of src/ hold: see .dependency-cruiser.cjs.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { cruise } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { temporaryDirectory } from '../support/broker.js'
import { projectRoot } from '../support/project.js'

interface Violation {
  readonly rule: { readonly name: string }
  readonly from: string
  readonly to: string
}

async function cruised(folder: string) {
  process.chdir(folder)
  const { options, ...ruleSet } = createRequire(import.meta.url)(
    join(projectRoot, '.dependency-cruiser.cjs'),
  )
  const result = await cruise(
    ['src'],
    { ...options, ruleSet, validate: true },
    { ...options.enhancedResolveOptions },
    { tsConfig: extractTSConfig(join(projectRoot, 'tsconfig.json')) },
  )
  assert.ok(typeof result.output === 'object')
  const { violations, totalCruised } = result.output.summary as {
    violations: Violation[]
    totalCruised: number
  }
  return { totalCruised, lines: violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`) }
}

test('imports point one way', async () => {
  const { totalCruised, lines } = await cruised(projectRoot)
  assert.ok(totalCruised > 50, `only ${totalCruised} modules were seen: the check itself is broken`)
  assert.deepEqual(lines, [])
})

test('two folders that import types of each other are found', async () => {
  const folder = temporaryDirectory()
  copyFileSync(join(projectRoot, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  try {
    for (const [name, text] of [
      [
        'log/types.ts',
        "import type { B } from '../config/types.js'\nexport interface A { b: B }\n",
      ],
      [
        'config/types.ts',
        "import type { A } from '../log/types.js'\nexport interface B { a: A }\n",
      ],
    ] as const) {
      mkdirSync(join(folder, 'src', dirname(name)), { recursive: true })
      writeFileSync(join(folder, 'src', name), text)
    }
    const { lines } = await cruised(folder)
    assert.deepEqual(lines, ['layer-log: src/log/types.ts → src/config/types.ts'])
  } finally {
    process.chdir(projectRoot)
  }
})
