// GetTelemetrySubscriptions: which metrics does the broker want of a client? (KIP-714)
//
// v0   flexible from the start
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  string,
  uuid,
} from '../schema.js'

export const getTelemetrySubscriptions = defineApi({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: [0, 0],
  flexible: 0,
  request: {
    clientInstanceId: uuid,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    clientInstanceId: uuid,
    subscriptionId: int32,
    acceptedCompressionTypes: array(int8),
    pushIntervalMs: int32,
    telemetryMaxBytes: int32,
    deltaTemporality: bool,
    requestedMetrics: array(string),
  },
})

export type GetTelemetrySubscriptionsRequest = Infer<typeof getTelemetrySubscriptions.request>
export type GetTelemetrySubscriptionsRequestDraft = Draft<typeof getTelemetrySubscriptions.request>
export type GetTelemetrySubscriptionsResponse = Infer<typeof getTelemetrySubscriptions.response>
export type GetTelemetrySubscriptionsResponseDraft = Draft<
  typeof getTelemetrySubscriptions.response
>
