// PushTelemetry: a client's metrics, as it was asked for (KIP-714).
//
// v0   flexible from the start
import {
  bool,
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  uuid,
} from '../schema.js'

export const pushTelemetry = defineApi({
  key: 72,
  name: 'PushTelemetry',
  versions: [0, 0],
  flexible: 0,
  request: {
    clientInstanceId: uuid,
    subscriptionId: int32,
    terminating: bool,
    compressionType: int8,
    metrics: bytes,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
  },
})

export type PushTelemetryRequest = Infer<typeof pushTelemetry.request>
export type PushTelemetryRequestDraft = Draft<typeof pushTelemetry.request>
export type PushTelemetryResponse = Infer<typeof pushTelemetry.response>
export type PushTelemetryResponseDraft = Draft<typeof pushTelemetry.response>
