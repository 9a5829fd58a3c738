// Where the project lies, seen from compiled tests too.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function findRoot(from: string): string {
  if (existsSync(join(from, 'binding.gyp'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error('the project root was not found')
  return findRoot(parent)
}

export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)))
