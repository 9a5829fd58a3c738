// An error in a broker's answer as a command's failure.
import { kafkaErrorName } from '../../protocol/error-codes.js'
import { CommandFailure } from '../exit.js'

export function refuse(errorCode: number, message: string | null, what?: string): void {
  if (errorCode === 0) return
  const name = kafkaErrorName(errorCode) ?? `error ${errorCode}`
  throw new CommandFailure([what, name, message].filter(Boolean).join(': '))
}
