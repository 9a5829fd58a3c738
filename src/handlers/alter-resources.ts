// What AlterConfigs and IncrementalAlterConfigs share: topics go to the controller, all else is
// refused with a reason, and the answers come in the order of the request.
import { type Failure, fail } from '../base/errors.js'
import type { ConfigOperation, TopicConfigChange } from '../controller/alter-configs.js'
import type { AlterConfigsResponseDraft } from '../protocol/messages/alter-configs.js'
import { resourceType } from './config-entries.js'
import type { ControlServices } from './control-services.js'
import { drainAsked } from './drain-config.js'
import { type ErrorFields, errorFields, noError, splitDuplicates } from './failure-answer.js'

export interface AlteredResource {
  readonly resourceType: number
  readonly resourceName: string
  /** A failure where the request does not say what to do. */
  readonly operations: readonly ConfigOperation[] | Failure
}

/** KIP-73; never set here. */
const THROTTLES: ReadonlySet<string> = new Set([
  'leader.replication.throttled.rate',
  'follower.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
])

export async function alterResources(
  resources: readonly AlteredResource[],
  options: { readonly mode: TopicConfigChange['mode']; readonly validateOnly: boolean },
  services: ControlServices,
): Promise<AlterConfigsResponseDraft> {
  const keyOf = (r: AlteredResource) => `${r.resourceType} ${r.resourceName}`
  const { duplicated } = splitDuplicates(resources, keyOf)
  const errors = new Map<AlteredResource, ErrorFields>()
  const asked: { resource: AlteredResource; change: TopicConfigChange }[] = []
  for (const resource of resources) {
    const drained = await drainOf(resource, options, services)
    if (drained !== undefined) {
      errors.set(resource, drained)
      continue
    }
    if (clearsThrottles(resource, services)) {
      errors.set(resource, noError)
      continue
    }
    const change = duplicated.includes(keyOf(resource))
      ? fail('INVALID_REQUEST', 'Each resource must appear at most once.').failure
      : changeOf(resource, options.mode, services)
    if ('code' in change) errors.set(resource, errorFields(change))
    else asked.push({ resource, change })
  }
  const { validateOnly } = options
  const changes = asked.map(({ change }) => change)
  const outcomes = await services.controller.alterTopicConfigs(changes, { validateOnly })
  asked.forEach(({ resource }, index) => {
    const outcome = outcomes[index]
    errors.set(resource, outcome?.ok === false ? errorFields(outcome.failure) : noError)
  })
  const responses = resources.map((resource) => ({
    ...(errors.get(resource) ?? noError),
    resourceType: resource.resourceType,
    resourceName: resource.resourceName,
  }))
  return { throttleTimeMs: 0, responses }
}

async function drainOf(
  { resourceType: type, resourceName, operations }: AlteredResource,
  { validateOnly }: { readonly validateOnly: boolean },
  { controller }: ControlServices,
): Promise<ErrorFields | undefined> {
  const asked = type === resourceType.BROKER ? drainAsked(operations) : undefined
  if (asked === undefined || !/^\d{1,10}$/.test(resourceName)) return undefined
  if (!asked.ok) return errorFields(asked.failure)
  if (validateOnly) return noError
  const brokerId = Number(resourceName)
  const outcome = await controller.drainBroker({ brokerId, isDrained: asked.value })
  return outcome.ok ? noError : errorFields(outcome.failure)
}

// kafka-reassign-partitions takes them off when it verifies, whether they were set or not.
function clearsThrottles(
  { resourceType: type, resourceName, operations }: AlteredResource,
  { config, controller }: ControlServices,
): boolean {
  if (type !== resourceType.BROKER || 'code' in operations) return false
  const id = Number(resourceName)
  if (id !== config.brokerId && !controller.image().brokers.has(id)) return false
  return (
    operations.length > 0 &&
    operations.every(({ operation, name }) => operation === 'delete' && THROTTLES.has(name))
  )
}

function changeOf(
  { resourceType: type, resourceName, operations }: AlteredResource,
  mode: TopicConfigChange['mode'],
  { config }: ControlServices,
): TopicConfigChange | Failure {
  if (type !== resourceType.TOPIC) {
    const names = 'code' in operations ? [] : operations.map(({ name }) => name)
    return fail('INVALID_REQUEST', refusal(type, resourceName, { names, own: config.brokerId }))
      .failure
  }
  if ('code' in operations) return operations
  const { duplicated } = splitDuplicates(operations, ({ name }) => name)
  if (duplicated.length > 0) {
    return fail('INVALID_REQUEST', 'Error due to duplicate config keys').failure
  }
  return { topic: resourceName, mode, operations }
}

function refusal(
  type: number,
  name: string,
  { names, own }: { names: readonly string[]; own: number },
): string {
  switch (type) {
    case resourceType.BROKER:
      if (name !== '' && !/^[+-]?\d{1,10}$/.test(name)) {
        return `Node id must be an integer, but it is: ${name}`
      }
      if (name !== '' && Number(name) !== own) {
        return `Unexpected broker id, expected ${own}, but received ${name}`
      }
      return `Cannot update these configs dynamically: [${names.join(', ')}]`
    case resourceType.BROKER_LOGGER:
      return 'Log levels cannot be changed while the broker runs.'
    case resourceType.CLIENT_METRICS:
      return `Unknown client metrics configuration: ${names[0] ?? ''}`
    case resourceType.GROUP:
      return `Unknown group config name: ${names[0] ?? ''}`
    default:
      return `Unknown resource type ${type}`
  }
}

export function alterConfigsFailed(
  errorCode: number,
  request: {
    readonly resources: readonly { readonly resourceType: number; readonly resourceName: string }[]
  },
): AlterConfigsResponseDraft {
  const responses = request.resources.map(({ resourceType, resourceName }) => ({
    errorCode,
    errorMessage: null,
    resourceType,
    resourceName,
  }))
  return { throttleTimeMs: 0, responses }
}
