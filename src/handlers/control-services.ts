// What the control plane's handlers may use.
import type { BrokerConfig } from '../config/types.js'
import type { Controller } from '../controller/controller.js'

export interface ControlServices {
  readonly config: BrokerConfig
  readonly controller: Controller
}
