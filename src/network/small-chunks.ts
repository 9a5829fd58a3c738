// Answers are lists of chunks, most of them a few bytes of header around a large view of the log. A
// system call takes at most 1,024 pieces and each costs, so runs of small ones are joined into one.

const JOIN_BELOW_BYTES = 2048
const MAX_JOINED_BYTES = 65_536

/** The same bytes in fewer chunks; large chunks stay the objects they are. */
export function joinSmallChunks(chunks: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  let from = 0
  while (from < chunks.length) {
    let to = from
    let bytes = 0
    for (; to < chunks.length; to++) {
      const size = chunks[to]?.length ?? 0
      if (size >= JOIN_BELOW_BYTES || bytes + size > MAX_JOINED_BYTES) break
      bytes += size
    }
    if (to - from >= 2) {
      joined.push(join(chunks, from, to, bytes))
      from = to
    } else {
      const chunk = chunks[from++]
      if (chunk !== undefined && chunk.length > 0) joined.push(chunk)
    }
  }
  return joined
}

function join(chunks: readonly Uint8Array[], from: number, to: number, bytes: number): Uint8Array {
  const target = Buffer.allocUnsafe(bytes)
  let at = 0
  for (let i = from; i < to; i++) {
    const chunk = chunks[i]
    if (chunk === undefined) continue
    target.set(chunk, at)
    at += chunk.length
  }
  return target
}
