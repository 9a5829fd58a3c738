// Ids as Kafka makes and prints them: random UUIDs of version 4 in 22 letters of base64url.
import type { Random } from '../base/random.js'
import { formatUuid } from '../protocol/uuid.js'

/** Never Kafka's reserved ids (0 to 100 as a number), and never one that a shell takes for a flag. */
export function randomId(random: Random): string {
  for (;;) {
    const bytes = random.bytes(16).slice()
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const id = formatUuid(new DataView(bytes.buffer), 0)
    if (!id.startsWith('-')) return id
  }
}
