// Counts requests by API as they come in: the API key is the first thing in a frame.
import type { WorkerMetrics } from '../metrics/worker-metrics.js'
import type { FrameHandler, FrameHandlerFactory } from '../network/types.js'

export function countedFrames(
  factory: FrameHandlerFactory,
  metrics: WorkerMetrics,
): FrameHandlerFactory {
  return (connection) => {
    const handler: FrameHandler = factory(connection)
    const { transport } = connection
    return {
      onFrame(chunks, sizeBytes) {
        metrics.requestReceived(apiKeyOf(chunks), transport)
        return handler.onFrame(chunks, sizeBytes)
      },
      onClose: () => handler.onClose(),
    }
  }
}

/** -1: the frame is too short to have one. */
function apiKeyOf(chunks: readonly Uint8Array[]): number {
  const [first, second] = chunks
  if (first === undefined) return -1
  const high = first[0]
  const low = first.length > 1 ? first[1] : second?.[0]
  return high === undefined || low === undefined ? -1 : (high << 8) | low
}
