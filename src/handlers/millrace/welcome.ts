// What a client is told first.
import {
  HEARTBEAT_MS,
  MAX_CHANNELS,
  MAX_FRAME_BYTES,
  MAX_HEADERS,
  MAX_PARTITIONS,
  MAX_RECORD_BYTES,
} from '../../protocol/millrace/limits.js'
import { SUBPROTOCOL, type WelcomeMessage } from '../../protocol/millrace/messages.js'
import type { MillraceServices } from './services.js'

export function welcome(session: string, services: MillraceServices): WelcomeMessage {
  return {
    type: 'welcome',
    protocol: SUBPROTOCOL,
    broker: { id: services.config.brokerId, version: services.brokerVersion },
    cluster: services.metadata().clusterId,
    session,
    heartbeatMs: HEARTBEAT_MS,
    limits: {
      maxFrameBytes: MAX_FRAME_BYTES,
      maxChannels: MAX_CHANNELS,
      maxRecordBytes: MAX_RECORD_BYTES,
      maxHeaders: MAX_HEADERS,
      maxPartitions: MAX_PARTITIONS,
    },
  }
}
