// What the inter-broker listener serves: everything that clients are served, and what brokers say to each
// other.
import { brokerHello as brokerHelloApi } from '../../protocol/inter-broker/broker-hello.js'
import { durableOffsets as durableOffsetsApi } from '../../protocol/inter-broker/durable-offsets.js'
import { forward as forwardApi } from '../../protocol/inter-broker/forward.js'
import type { IoServices } from '../context.js'
import { type HandlerTable, row } from '../table.js'
import { brokerHello } from './broker-hello.js'
import { durableOffsets } from './durable-offsets.js'
import { forward } from './forward.js'

export function interBrokerTable(clients: HandlerTable<IoServices>): HandlerTable<IoServices> {
  return [
    ...clients,
    row(brokerHelloApi, { operation: 'none', handle: brokerHello }),
    row(durableOffsetsApi, { operation: 'cluster:alter', handle: durableOffsets }),
    row(forwardApi, { operation: 'cluster:alter', handle: forward }),
  ]
}
