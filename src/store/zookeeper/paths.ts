// Keys as paths of znodes. A key is the path below the root: /brokers/1 lies at ROOT/brokers/1.
import { MAX_KEY_BYTES } from '../metadata-store.js'

/** What keeps a text from being the path of a znode, as the rest of a sentence. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'does not begin with a slash'
  for (const name of path.slice(1).split('/')) {
    if (name === '' || name === '.' || name === '..') return 'has an empty name, . or .. in it'
  }
  return hasRefusedCharacter(path) ? 'has a character that ZooKeeper does not take' : undefined
}

// As ZooKeeper has it: control characters, what is not in the basic plane, and private ones.
function hasRefusedCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f)) return true
    if ((unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0) return true
  }
  return false
}

export function keyProblem(key: string): string | undefined {
  const sizeBytes = Buffer.byteLength(key)
  if (key === '' || sizeBytes > MAX_KEY_BYTES) {
    return `a key has 1 to ${MAX_KEY_BYTES} bytes, not ${sizeBytes}`
  }
  const problem = pathProblem(key)
  return problem === undefined ? undefined : `the key ${key} ${problem}`
}

/** The nodes between the root and the path, from the top down, without either. */
export function ancestorsOf(path: string, root: string): readonly string[] {
  const ancestors: string[] = []
  for (let at = path.indexOf('/', root.length + 1); at > 0; at = path.indexOf('/', at + 1)) {
    ancestors.push(path.slice(0, at))
  }
  return ancestors
}
