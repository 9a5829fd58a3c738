// What the control plane's handlers may use.
import type { BrokerConfig } from '../config/types.js'
import type { ControlNode } from '../controller/control-node.js'

export interface ControlServices {
  readonly config: BrokerConfig
  readonly controller: ControlNode
}
