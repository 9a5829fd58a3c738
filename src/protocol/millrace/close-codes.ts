// Why a broker closes a socket. 40xx: not to come back with the same. 41xx: to come back.

export const closeCodes = {
  badFrame: 4000,
  helloTimeout: 4001,
  creditExceeded: 4002,
  notReading: 4003,
  heartbeatTimeout: 4101,
  stopping: 4103,
  defect: 4104,
} as const

/** Whether connecting again may help. Codes below 4000 are the transport's own. */
export function mayReconnect(closeCode: number): boolean {
  if (closeCode >= 4000 && closeCode < 4100) return false
  // Unsupported data, policy violation, message too big: the same would happen again.
  return closeCode !== 1002 && closeCode !== 1003 && closeCode !== 1008 && closeCode !== 1009
}
