/**
 * The bytes, or the value to encode, break the protocol: the only thing that decoding ever throws.
 * `field` is the path of what was wrong in the message, such as "topicData[].partitionData[].index";
 * it is completed on the way out, from the innermost field to the message.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  field = ''

  constructor(readonly reason: string) {
    super(reason)
  }

  /** Sets the field that failed and the message it belongs to, such as "Produce request v9". */
  locate(message: string, field: string): this {
    this.field = field
    this.message = `${message}: ${field === '' ? '' : `${field}: `}${this.reason}`
    return this
  }
}
