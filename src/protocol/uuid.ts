// Ids of topics, directories and members as Kafka prints them: 16 bytes in base64url without padding.
import { ProtocolError } from './protocol-error.js'

export const UUID_LENGTH = 22
/** Kafka's "no id". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const digits = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0))
const values = new Uint8Array(128).fill(255)
for (let value = 0; value < digits.length; value++) values[digits[value] ?? 0] = value

/** The 16 bytes of `view` at `offset`. */
export function formatUuid(view: DataView, offset: number): string {
  let text = ''
  for (let group = 0; group < 15; group += 3) {
    const bits = (view.getUint16(offset + group) << 8) | view.getUint8(offset + group + 2)
    text += letter(bits >>> 18) + letter(bits >>> 12) + letter(bits >>> 6) + letter(bits)
  }
  const last = view.getUint8(offset + 15)
  return text + letter(last >>> 2) + letter(last << 4)
}

/** Writes 16 bytes at `offset`; anything but 22 letters of base64url is refused. */
export function parseUuid(text: string, view: DataView, offset: number): void {
  if (text.length !== UUID_LENGTH) throw notUuid(text)
  for (let group = 0; group < 5; group++) {
    const at = group * 4
    const bits =
      (valueAt(text, at) << 18) |
      (valueAt(text, at + 1) << 12) |
      (valueAt(text, at + 2) << 6) |
      valueAt(text, at + 3)
    view.setUint16(offset + group * 3, bits >>> 8)
    view.setUint8(offset + group * 3 + 2, bits)
  }
  const last = valueAt(text, 21)
  if ((last & 0x0f) !== 0) throw notUuid(text)
  view.setUint8(offset + 15, (valueAt(text, 20) << 2) | (last >>> 4))
}

/** True for what parseUuid takes. */
export function isUuid(text: string): boolean {
  return /^[A-Za-z0-9_-]{21}[AQgw]$/.test(text)
}

function letter(bits: number): string {
  return ALPHABET.charAt(bits & 0x3f)
}

function valueAt(text: string, index: number): number {
  const value = values[text.charCodeAt(index)] ?? 255
  if (value === 255) throw notUuid(text)
  return value
}

function notUuid(text: string): ProtocolError {
  return new ProtocolError(`'${text.slice(0, 40)}' is not an id of 22 base64url letters`)
}
