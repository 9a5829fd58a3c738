// Cuts a stream of bytes into lines, as bytes: what a line holds is nobody's business here.

const NEWLINE = 0x0a

/**
 * The lines of `input` without their newlines. A last line without a newline is a line; an empty one
 * between two newlines too. Each array holds what one chunk completed, so that a caller pays for an
 * await per chunk and not per line. A line longer than `maxBytes` is an error.
 */
export async function* lines(
  input: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<readonly Uint8Array[]> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  for await (const chunk of input) {
    const found: Uint8Array[] = []
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end)
      found.push(rest.length === 0 ? piece : Buffer.concat([...rest, piece]))
      rest = []
      restBytes = 0
      start = end + 1
    }
    if (start < chunk.length) rest.push(chunk.subarray(start))
    restBytes += chunk.length - start
    if (found.length > 0) yield found
    if (restBytes > maxBytes) throw new LineTooLong(maxBytes)
  }
  if (rest.length > 0) yield [Buffer.concat(rest)]
}

export class LineTooLong extends Error {
  constructor(maxBytes: number) {
    super(`a line is longer than ${maxBytes} bytes`)
  }
}
