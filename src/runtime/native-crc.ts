// The addon's CRC-32C as the record builders and readers call it.
import { crc32c } from '../log/log.js'
import type { Crc32c } from '../protocol/records/batch-format.js'

export const nativeCrc32c: Crc32c = (bytes, from = 0) =>
  crc32c(from === 0 ? bytes : bytes.subarray(from))
