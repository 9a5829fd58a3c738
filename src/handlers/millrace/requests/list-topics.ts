// listTopics: from this thread's image.
import { type Outcome, succeed } from '../../../base/errors.js'
import type { TopicSummary } from '../../../protocol/millrace/messages.js'
import type { MillraceServices } from '../services.js'

export function listTopics(
  services: MillraceServices,
): Outcome<{ topics: readonly TopicSummary[] }> {
  const topics = [...services.metadata().topics()].map((topic) => ({
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions.length,
    internal: topic.isInternal,
  }))
  return succeed({ topics })
}
