// A reader written from src/protocol/millrace/README.md alone: plain WebSocket and JSON, none of our code.
// The function uses nothing from outside itself, so that its source runs in a browser's page too.

export interface PlainSocket {
  onopen: unknown
  onmessage: unknown
  onclose: unknown
  send(text: string): void
  close(): void
}

export interface PlainReading {
  readonly url: string
  readonly topic: string
  /** Stops after so many records. */
  readonly count: number
}

/** The values of a topic's records, each followed by a newline. */
export function readPlainly(
  Socket: new (url: string, protocol: string) => PlainSocket,
  { url, topic, count }: PlainReading,
): Promise<string> {
  interface Message {
    readonly type: string
    readonly id?: number
    readonly bytes?: number
    readonly message?: string
    readonly records?: readonly { readonly value: { readonly base64: string } }[]
  }
  return new Promise((resolve, reject) => {
    const socket = new Socket(url, 'millrace.v1')
    const send = (message: object) => socket.send(JSON.stringify(message))
    const values: string[] = []
    const open = {
      type: 'open',
      channel: 1,
      kind: 'reader',
      topic,
      from: 'earliest',
      values: 'base64',
      credit: { bytes: 4 << 20 },
    }
    const onDeliver = ({ records = [], bytes = 0 }: Message) => {
      // One character a byte: what is not UTF-8 stays what it is.
      for (const { value } of records) if (values.length < count) values.push(atob(value.base64))
      send({ type: 'credit', channel: 1, bytes })
      if (values.length < count) return
      resolve(`${values.join('\n')}\n`)
      socket.close()
    }
    const onMessage = (message: Message) => {
      if (message.type === 'welcome') send(open)
      else if (message.type === 'ping') send({ type: 'pong', id: message.id })
      else if (message.type === 'deliver') onDeliver(message)
      else if (message.type === 'error') reject(new Error(message.message))
    }
    socket.onopen = () => send({ type: 'hello' })
    socket.onmessage = ({ data }: { data: unknown }) => {
      for (const message of [JSON.parse(String(data))].flat()) onMessage(message)
    }
    socket.onclose = ({ code }: { code: number }) =>
      reject(new Error(`closed with ${code} after ${values.length} records`))
  })
}
