// A batch that is being turned into JSON, record by record. It references the log's view, which stays
// valid as long as it is referenced, or what was decompressed.
import {
  bytesToJsonText,
  headersToJsonText,
  valueToJsonText,
} from '../../../protocol/millrace/json-bytes.js'
import type { ValueForm } from '../../../protocol/millrace/messages.js'
import {
  type Decompressor,
  type ReadRecord,
  readRecords,
} from '../../../protocol/records/read-records.js'

export interface OpenBatchOptions {
  /** Of the partition in the channel's cursor. */
  readonly slot: number
  /** Records before it are left out. */
  readonly from: number
  readonly form: ValueForm
  readonly decompress: Decompressor
}

export class OpenBatch {
  /** undefined: the batch is through. */
  next: ReadRecord | undefined
  private readonly records: Generator<ReadRecord, void, void>

  constructor(
    batch: Uint8Array,
    private readonly options: OpenBatchOptions,
  ) {
    const { decompress } = options
    // The log checked the CRC when the batch came in.
    this.records = readRecords(batch, { crc32c: 'unchecked', decompress })
    do this.advance()
    while (this.next !== undefined && this.next.offset < options.from)
  }

  get slot(): number {
    return this.options.slot
  }

  /** The JSON of at least one record, until it is `limit` characters long. */
  takeText(limit: number): { text: string; characters: number } {
    const texts: string[] = []
    let characters = 0
    while (this.next !== undefined && (characters < limit || texts.length === 0)) {
      const text = recordText(this.next, this.options.form)
      texts.push(text)
      characters += text.length
      this.advance()
    }
    return { text: texts.join(','), characters }
  }

  private advance(): void {
    const step = this.records.next()
    this.next = step.done === true ? undefined : step.value
  }
}

function recordText(record: ReadRecord, form: ValueForm): string {
  const { offset, timestampMs, key, value, headers } = record
  const headersText = headers.length === 0 ? '' : `,"headers":${headersToJsonText(headers, form)}`
  return (
    `{"offset":${offset},"timestamp":${timestampMs},"key":${bytesToJsonText(key, form)},` +
    `"value":${valueToJsonText(value, form)}${headersText}}`
  )
}
