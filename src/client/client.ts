// A client: one connection, any number of producers and readers on it.
import type { Link } from './connection/link.js'
import type { ProducerOptions, ReaderOptions } from './options.js'
import { Producer } from './producer/producer.js'
import { Reader } from './reader/reader.js'
import { Topics } from './topics.js'

export class Client implements AsyncDisposable {
  readonly topics: Topics
  private readonly producers = new Set<Producer>()

  constructor(private readonly link: Link) {
    this.topics = new Topics(link)
  }

  async producer(topic: string, options: ProducerOptions = {}): Promise<Producer> {
    const producer = new Producer(this.link, topic, options)
    await producer.opened()
    this.producers.add(producer)
    return producer
  }

  async reader(topic: string, options: ReaderOptions = {}): Promise<Reader> {
    const reader = new Reader(this.link, topic, options)
    await reader.opened()
    return reader
  }

  /** Sends what producers still have, then closes the connection. */
  async close(): Promise<void> {
    await Promise.all([...this.producers].map((producer) => producer.close()))
    this.link.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
