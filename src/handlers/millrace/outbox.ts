// The JSON that a session has to say in this turn, sent as one frame.

import type { MessageSocket } from '../../network/types.js'
import { closeCodes } from '../../protocol/millrace/close-codes.js'
import type { ServerMessage } from '../../protocol/millrace/messages.js'

/** Answers that a client does not read may pile up to here; then it is cut off. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024
/** A frame of several messages is sent when it gets this long. */
const MAX_FRAME_CHARACTERS = 256 * 1024

export class Outbox {
  private messages: string[] = []
  private characters = 0

  /** `schedule` arranges that flush() is called at the end of this turn. */
  constructor(
    private readonly socket: MessageSocket,
    private readonly schedule: () => void,
  ) {}

  send(message: ServerMessage): void {
    this.sendJson(JSON.stringify(message))
  }

  /** `json` is the text of one message. */
  sendJson(json: string): void {
    if (this.messages.length === 0) this.schedule()
    this.messages.push(json)
    this.characters += json.length
    if (this.characters > MAX_FRAME_CHARACTERS) this.flush()
  }

  /** Before anything is sent past the outbox, so that order holds. */
  flush(): void {
    const [first] = this.messages
    if (first === undefined) return
    const frame = this.messages.length === 1 ? first : `[${this.messages.join(',')}]`
    this.messages = []
    this.characters = 0
    this.socket.sendText(frame)
    if (this.socket.bufferedBytes > MAX_UNREAD_BYTES) {
      this.socket.close(closeCodes.notReading, 'answers are not read')
    }
  }
}
