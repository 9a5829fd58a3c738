// IncrementalAlterConfigs: changes single configs of a topic (KIP-339).
// v0-v1.
import { type Failure, fail } from '../base/errors.js'
import type { ConfigOperation } from '../controller/alter-configs.js'
import type {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponseDraft,
} from '../protocol/messages/incremental-alter-configs.js'
import { alterResources } from './alter-resources.js'
import type { ControlServices } from './control-services.js'

type Config = IncrementalAlterConfigsRequest['resources'][number]['configs'][number]

/** By Kafka's numbers. */
const operationsByNumber = ['set', 'delete', 'append', 'subtract'] as const

export function incrementalAlterConfigs(
  request: IncrementalAlterConfigsRequest,
  services: ControlServices,
): Promise<IncrementalAlterConfigsResponseDraft> {
  const resources = request.resources.map(({ resourceType, resourceName, configs }) => ({
    resourceType,
    resourceName,
    operations: operationsOf(configs),
  }))
  const { validateOnly } = request
  return alterResources(resources, { mode: 'incremental', validateOnly }, services)
}

function operationsOf(configs: readonly Config[]): readonly ConfigOperation[] | Failure {
  const operations: ConfigOperation[] = []
  for (const { name, configOperation, value } of configs) {
    const operation = operationsByNumber[configOperation]
    if (operation === undefined) {
      // Kafka answers the same, without a word.
      return fail('UNEXPECTED', '').failure
    }
    operations.push({ name, operation, value })
  }
  return operations
}
