// Where a reader is in each of its partitions, and that as a cursor.
import { Cursor } from '../../protocol/millrace/cursor.js'

interface Place {
  readonly offset: number
  readonly leaderEpoch: number
}

export class Positions {
  topicId = ''
  private readonly places = new Map<number, Place>()

  move(partition: number, offset: number, leaderEpoch: number): void {
    this.places.set(partition, { offset, leaderEpoch })
  }

  offset(partition: number): number {
    return this.places.get(partition)?.offset ?? 0
  }

  copyFrom(other: Positions): void {
    this.topicId = other.topicId
    for (const [partition, place] of other.places) this.places.set(partition, place)
  }

  toCursor(): string {
    const partitions = [...this.places.keys()]
    const cursor = Cursor.create(this.topicId, partitions)
    partitions.forEach((partition, slot) => {
      const place = this.places.get(partition)
      if (place !== undefined) cursor.move(slot, place.offset, place.leaderEpoch)
    })
    return cursor.toText()
  }
}
