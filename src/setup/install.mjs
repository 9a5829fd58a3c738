// What npm runs when it installs the package: compiles the addon where there is none yet. npx runs it in a
// clone too, where `npm start` has made it already.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { checkNode, checkTools, nodeHeaders, root, withFriendlyErrors } from './prepare.mjs'

await withFriendlyErrors(() => {
  checkNode(process.versions.node)
  if (existsSync(join(root, 'build/Release/millrace.node'))) return
  checkTools()
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const args = [gyp, 'rebuild', ...nodeHeaders(), '--jobs', '2']
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
})
