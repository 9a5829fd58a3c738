// shell: asks the file system. Where an entry module lies: joined with all it imports into one file
// (src/setup/bundle.mjs), which starts in a third of the time, or as it was compiled.
import { statSync } from 'node:fs'

/**
 * The joined file of that name, as long as nothing was compiled since; `compiled` otherwise. What is
 * installed holds no trace of a compilation.
 */
export function entryOf(name: string, compiled: URL): URL {
  const joined = new URL(`../joined/${name}.js`, import.meta.url)
  const joinedMs = modifiedMs(joined)
  const compiledMs = modifiedMs(new URL('../../.tsbuildinfo', import.meta.url)) ?? 0
  return joinedMs !== undefined && joinedMs >= compiledMs ? joined : compiled
}

function modifiedMs(file: URL): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs
}
