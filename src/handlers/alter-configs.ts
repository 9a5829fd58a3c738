// AlterConfigs: replaces all configs of a topic by those that are named.
// v0-v2. New clients use IncrementalAlterConfigs.
import type {
  AlterConfigsRequest,
  AlterConfigsResponseDraft,
} from '../protocol/messages/alter-configs.js'
import { alterResources } from './alter-resources.js'
import type { ControlServices } from './control-services.js'

export function alterConfigs(
  request: AlterConfigsRequest,
  services: ControlServices,
): Promise<AlterConfigsResponseDraft> {
  const resources = request.resources.map(({ resourceType, resourceName, configs }) => ({
    resourceType,
    resourceName,
    operations: configs.map(({ name, value }) => ({ name, value, operation: 'set' as const })),
  }))
  const { validateOnly } = request
  return alterResources(resources, { mode: 'replace', validateOnly }, services)
}
