// UTF-8 without Node's Buffer, so that a browser runs it too. Names and keys are short and ASCII:
// those never reach the platform's coder, whose call costs more than the work.
const LONGEST_BY_HAND = 24

// As Kafka's: a malformed sequence becomes U+FFFD, a byte order mark is text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

export function textFrom(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > LONGEST_BY_HAND) return decoder.decode(bytes.subarray(start, end))
  let text = ''
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0
    if (byte >= 0x80) return decoder.decode(bytes.subarray(start, end))
    text += String.fromCharCode(byte)
  }
  return text
}

/** Writes `text` at `at` when it is short, ASCII and fits. */
export function writeAscii(text: string, into: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x80) return false
    into[at + index] = unit
  }
  return true
}

/** A lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}
