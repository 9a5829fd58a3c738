// gzip with what browsers and Node both have.

const GZIP = 1

/** undefined: this client cannot unpack the codec. */
export async function decompressBuiltIn(
  codec: number,
  compressed: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (codec !== GZIP || typeof DecompressionStream !== 'function') return undefined
  const stream = new Blob([compressed.slice()])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
