// What the message parsers share: checks of single fields, and how a bad message is reported.
import { MAX_UINT32 } from './limits.js'
import type { ClientMessage } from './messages.js'

export type JsonObject = Readonly<Record<string, unknown>>

/** A message, or why it is none; `channel` and `requestId` say what a bad one costs. */
export type ParsedMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | {
      readonly ok: false
      readonly problem: string
      readonly channel: number | undefined
      readonly requestId: number | string | undefined
    }

export function refuse(fields: JsonObject, problem: string): ParsedMessage {
  return {
    ok: false,
    problem: `${String(fields.type)}: ${problem}`,
    channel: isChannel(fields.channel) ? fields.channel : undefined,
    requestId: isRequestId(fields.id) ? fields.id : undefined,
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isWhole(value: unknown, max: number = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max
}

export function isChannel(value: unknown): value is number {
  return isWhole(value, MAX_UINT32)
}

const MAX_ID_CHARACTERS = 64

export function isRequestId(value: unknown): value is number | string {
  if (typeof value === 'string') return value.length <= MAX_ID_CHARACTERS
  return typeof value === 'number'
}
