// Joins the modules of each worker into one file: a worker loads two hundred modules otherwise, which
// costs more than all the rest of its start. runtime/threads.ts takes the joined file while it is newer
// than the last compilation, and the modules themselves if not.
import { createRequire } from 'node:module'
import { join } from 'node:path'

export const WORKERS = ['control-worker', 'io-worker']

/** `compiled` is the folder that tsc wrote. */
export function bundleWorkers(compiled) {
  const { buildSync } = createRequire(import.meta.url)('esbuild')
  const folder = join(compiled, 'src/runtime')
  for (const worker of WORKERS) {
    buildSync({
      entryPoints: [join(folder, `${worker}.js`)],
      outfile: join(folder, `${worker}.bundle.js`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      sourcemap: 'linked',
      logLevel: 'warning',
    })
  }
}
