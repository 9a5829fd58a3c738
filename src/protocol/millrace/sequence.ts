// Arithmetic of producer sequence numbers: 31 bits that wrap from 2147483647 to 0, as Kafka's.
import { MAX_SEQUENCE } from './limits.js'

const HALF = 2 ** 30

export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) & MAX_SEQUENCE
}

/** How far `sequence` lies after `reference`; negative when it lies before. */
export function sequenceDistance(sequence: number, reference: number): number {
  const forward = (sequence - reference) & MAX_SEQUENCE
  return forward < HALF ? forward : forward - 2 ** 31
}
