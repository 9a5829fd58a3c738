// The control plane as the runtime sees it, whichever thread it runs on.
import type { Outcome } from '../base/errors.js'
import type { ControlPlane } from '../handlers/context.js'
import type { MetadataDelta, MetadataImage } from '../metadata/image.js'
import type { MetricFamily } from '../metrics/types.js'

export interface LocalControl extends ControlPlane {
  readonly clusterId: string
  /** Signs producer identities; the same across restarts. */
  readonly identityKey: Uint8Array
  /** Of this process, among all that served under this broker id. */
  readonly incarnation: string
  /** Handles of the data directories that work. */
  readonly directories: readonly number[]
  /** Makes the broker one of the cluster's. */
  join(): Promise<Outcome<true>>
  /** Gives up what others can lead, while it still serves. */
  leave(): Promise<void>
  image(): MetadataImage
  /** Calls `listener` with every change of the image from now on. Returns how to stop. */
  onDelta(listener: (delta: MetadataDelta) => void): () => void
  /** Until when this broker's session lives, on the monotonic clock; of what image() says it leads. */
  sessionUntilMs(): number
  /** Why this broker is not fit to serve; undefined when it is. */
  unhealthy(): string | undefined
  /** Of the log directories and partitions. */
  metricFamilies(): MetricFamily[]
  /** Closes the metadata and the data directories cleanly. */
  close(): Promise<void>
}

/** A thread's link to the control plane: its requests, and its own copy of the image. */
export interface ControlLink extends ControlPlane {
  /** Handles of the data directories that work. */
  readonly directories: readonly number[]
  /** The image now. */
  image(): MetadataImage
  /** Changes from now on. Returns how to stop. */
  onDelta(listener: (delta: MetadataDelta) => void): () => void
  /** Until when this broker's session lives, on the monotonic clock; of what image() says it leads. */
  sessionUntilMs(): number
  /** Prometheus' text of the whole process. */
  renderMetrics(): Promise<string>
  unhealthy(): Promise<string | undefined>
}
