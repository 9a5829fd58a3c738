// What is served over HTTP beside the WebSocket: health and metrics.
import type { HttpHandler, HttpResponse } from '../network/types.js'
import type { ControlLink } from './control-plane.js'

const TEXT = 'text/plain; charset=utf-8'
const METRICS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/** `isServing`: false while this broker starts or stops. */
export function httpEndpoints(control: ControlLink, isServing: () => boolean): HttpHandler {
  return ({ path }) => {
    switch (path) {
      case '/health/live':
        return Promise.resolve(answer(200, 'alive'))
      case '/health/ready':
        return readiness(control, isServing())
      case '/metrics':
        return control
          .renderMetrics()
          .then((body) => ({ status: 200, contentType: METRICS_TEXT, body }))
      default:
        return undefined
    }
  }
}

async function readiness(control: ControlLink, isServing: boolean): Promise<HttpResponse> {
  if (!isServing) return answer(503, 'stopping')
  const problem = await control.unhealthy()
  return problem === undefined ? answer(200, 'ready') : answer(503, problem)
}

function answer(status: number, text: string): HttpResponse {
  return { status, contentType: TEXT, body: `${text}\n` }
}
