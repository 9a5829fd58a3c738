// What a producer may still send. Below zero is overdraft: tolerated a little, then it costs the
// channel, then the socket, because a WebSocket cannot be paused.
import {
  CHANNEL_OVERDRAFT,
  PRODUCER_CREDIT_BYTES,
  PRODUCER_CREDIT_RECORDS,
  SOCKET_OVERDRAFT,
} from '../../../protocol/millrace/limits.js'
import type { Credit } from '../../../protocol/millrace/messages.js'

export type CreditVerdict = 'fine' | 'channel-exceeded' | 'socket-exceeded'

export class ProducerCredit {
  private bytes: number
  private records: number

  constructor(
    private readonly initial: Credit = {
      bytes: PRODUCER_CREDIT_BYTES,
      records: PRODUCER_CREDIT_RECORDS,
    },
  ) {
    this.bytes = initial.bytes
    this.records = initial.records
  }

  get granted(): Credit {
    return this.initial
  }

  take(bytes: number, records: number): CreditVerdict {
    this.bytes -= bytes
    this.records -= records
    const used = Math.min(this.bytes / this.initial.bytes, this.records / this.initial.records)
    if (used >= -CHANNEL_OVERDRAFT) return 'fine'
    return used >= -SOCKET_OVERDRAFT ? 'channel-exceeded' : 'socket-exceeded'
  }

  giveBack(bytes: number, records: number): void {
    this.bytes += bytes
    this.records += records
  }
}
