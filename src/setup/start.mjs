// npm start: sets the clone up where needed, then serves. Arguments go to `millrace serve`.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root, withFriendlyErrors } from './prepare.mjs'

await withFriendlyErrors(async () => {
  await prepare()
  process.argv = [process.argv[0], 'millrace', 'serve', ...process.argv.slice(2)]
  await import(pathToFileURL(join(root, 'dist/src/cli/main.js')).href)
})
