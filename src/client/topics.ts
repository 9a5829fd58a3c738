// Topics: create, list, describe, delete.
import type { TopicDescription, TopicSummary } from '../protocol/millrace/messages.js'
import type { Link } from './connection/link.js'

export interface CreateTopicOptions {
  readonly partitions?: number
  /** By Kafka's names: {"retention.ms": "…"} */
  readonly configs?: Readonly<Record<string, string>>
}

export class Topics {
  constructor(private readonly link: Link) {}

  async create(topic: string, options: CreateTopicOptions = {}): Promise<TopicDescription> {
    const result = await this.link.request({ op: 'createTopic', topic, ...options })
    return result as TopicDescription
  }

  async list(): Promise<readonly TopicSummary[]> {
    const result = await this.link.request({ op: 'listTopics' })
    return (result as { topics: readonly TopicSummary[] }).topics
  }

  async describe(topic: string): Promise<TopicDescription> {
    return (await this.link.request({ op: 'describeTopic', topic })) as TopicDescription
  }

  async delete(topic: string): Promise<void> {
    await this.link.request({ op: 'deleteTopic', topic })
  }
}
