// Looks at requests as they come in, by the API key at the front of each: counts them, and holds back
// those who produce while the write budget is exceeded.
import type { WorkerMetrics } from '../metrics/worker-metrics.js'
import type { ConnectionInfo, FrameHandler, FrameHandlerFactory } from '../network/types.js'
import type { WriteBudget } from './write-budget.js'

const PRODUCE = 0

export function countedFrames(
  factory: FrameHandlerFactory,
  metrics: WorkerMetrics,
  budget: WriteBudget,
): FrameHandlerFactory {
  return (connection) => new CountedFrames(factory(connection), connection, metrics, budget)
}

class CountedFrames implements FrameHandler {
  private lastApiKey = -1

  constructor(
    private readonly handler: FrameHandler,
    private readonly connection: ConnectionInfo,
    private readonly metrics: WorkerMetrics,
    private readonly budget: WriteBudget,
  ) {}

  get isHeldBack(): boolean {
    return this.lastApiKey === PRODUCE && this.budget.isExceeded
  }

  onRelease(callback: () => void): void {
    this.budget.onKept(callback)
  }

  onFrame(chunks: readonly Uint8Array[], sizeBytes: number) {
    this.lastApiKey = apiKeyOf(chunks)
    this.metrics.requestReceived(this.lastApiKey, this.connection.transport)
    return this.handler.onFrame(chunks, sizeBytes)
  }

  onClose(): void {
    this.handler.onClose()
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
