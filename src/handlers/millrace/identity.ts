// The secret of a producer identity: a keyed hash of producer id and epoch, so that nothing is stored
// and any broker with the key knows its own.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Identity } from '../../protocol/millrace/messages.js'

const CONTEXT = 'millrace.v1 producer identity'

export function issueIdentity(key: Uint8Array, producerId: number, epoch: number): Identity {
  return { producerId, epoch, secret: secretOf(key, producerId, epoch) }
}

export function isGenuine(key: Uint8Array, identity: Identity): boolean {
  const given = Buffer.from(identity.secret)
  const genuine = Buffer.from(secretOf(key, identity.producerId, identity.epoch))
  return given.length === genuine.length && timingSafeEqual(given, genuine)
}

function secretOf(key: Uint8Array, producerId: number, epoch: number): string {
  return createHmac('sha256', key).update(`${CONTEXT}|${producerId}|${epoch}`).digest('base64url')
}
