// What npm runs when it installs the package: compiles the addon where there is none yet. npx runs it in a
// clone too, where `npm start` has made it already.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from './prepare.mjs'

if (!existsSync(join(root, 'build/Release/millrace.node'))) {
  const gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const { status } = spawnSync(process.execPath, [gyp, 'rebuild', '--jobs', '2'], {
    cwd: root,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
}
