// Answers about partitions that were asked for one by one, grouped by topic as Kafka's messages carry them.

export interface NestedTopic<V> {
  readonly topic: string
  readonly partitions: readonly { readonly index: number; readonly value: V }[]
}

/** In the order in which the topics were first named. */
export function nested<T extends { readonly topic: string; readonly index: number }, V>(
  asked: readonly T[],
  answerTo: (one: T, at: number) => V,
): readonly NestedTopic<V>[] {
  const topics = new Map<string, { index: number; value: V }[]>()
  for (const [at, one] of asked.entries()) {
    const partitions = topics.get(one.topic) ?? []
    partitions.push({ index: one.index, value: answerTo(one, at) })
    topics.set(one.topic, partitions)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
