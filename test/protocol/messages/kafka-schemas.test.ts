// Every schema against Kafka's own, field by field and version by version.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { apis } from '../../../src/protocol/messages/api-table.js'
import {
  type Api,
  type Field,
  inVersion,
  type StructType,
  takesNull,
  type WireType,
} from '../../../src/protocol/schema.js'
import { ZERO_UUID } from '../../../src/protocol/uuid.js'
import { type KafkaField, type KafkaMessage, kafkaMessages } from '../../support/kafka-schemas.js'
import { versionsOf } from '../support/every-message.js'

/** A field as the wire sees it in one version. */
interface Shape {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly tag: number | undefined
  readonly fields: readonly Shape[]
}

type Range = readonly [first: number, last: number]
const NEVER: Range = [1, 0]

function range(text: string | undefined): Range {
  const parts = /^(\d+)(\+|-(\d+))?$/.exec(text ?? '')
  if (parts === null) return NEVER
  const first = Number(parts[1])
  return [first, parts[2] === '+' ? 32_767 : Number(parts[3] ?? first)]
}

function within(version: number, [first, last]: Range): boolean {
  return first <= version && version <= last
}

let messages: ReadonlyMap<string, KafkaMessage>
before(async () => {
  messages = await kafkaMessages()
})

function messageOf(api: Api, direction: 'Request' | 'Response'): KafkaMessage {
  const message = messages.get(api.name + direction)
  assert.ok(message, `Kafka has no ${api.name}${direction}`)
  return message
}

function childrenOf(message: KafkaMessage, field: KafkaField): readonly KafkaField[] {
  const name = field.type.replace('[]', '')
  const shared = message.commonStructs?.find((candidate) => candidate.name === name)
  return shared?.fields ?? field.fields ?? []
}

function smallFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function kafkaShapes(
  message: KafkaMessage,
  fields: readonly KafkaField[],
  version: number,
): readonly Shape[] {
  return fields
    .filter((field) => within(version, range(field.versions)))
    .map((field) => {
      const isTagged = within(version, range(field.taggedVersions))
      return {
        name: smallFirst(field.name),
        type: field.type.replace(/[A-Z]\w*/, 'struct'),
        nullable: field.type === 'records' || within(version, range(field.nullableVersions)),
        tag: isTagged ? field.tag : undefined,
        fields: kafkaShapes(message, childrenOf(message, field), version),
      }
    })
}

function ourShapes(type: StructType, version: number): readonly Shape[] {
  return type.fields
    .filter((field) => inVersion(field, version))
    .map((field) => ({
      name: field.name,
      type: typeName(field.type),
      nullable: takesNull(field.type, version),
      tag: field.tag,
      fields: structIn(field.type) ? ourShapes(structIn(field.type) ?? type, version) : [],
    }))
}

function typeName(type: WireType): string {
  if ('element' in type) return `[]${typeName(type.element)}`
  if (type.kind === 'clampedInt64') return 'int64'
  return smallFirst(type.kind.replace(/^nullable/, ''))
}

function structIn(type: WireType): StructType | undefined {
  if ('element' in type) return structIn(type.element)
  return 'fields' in type ? type : undefined
}

/** Kafka's default of a field, in our terms. */
function kafkaDefault(message: KafkaMessage, field: KafkaField): unknown {
  const given = field.default
  if (given === 'null' || given === null) return null
  if (field.type.startsWith('[]')) return []
  switch (field.type) {
    case 'bool':
      return given === true || given === 'true'
    case 'string':
      return given ?? ''
    case 'bytes':
      return new Uint8Array(0)
    case 'uuid':
      return ZERO_UUID
    default:
      if (/int|float/.test(field.type)) {
        return Math.min(Number(given ?? 0), Number.MAX_SAFE_INTEGER)
      }
      return Object.fromEntries(
        childrenOf(message, field).map((child) => [
          smallFirst(child.name),
          kafkaDefault(message, child),
        ]),
      )
  }
}

function checkDefaults(
  message: KafkaMessage,
  kafkaFields: readonly KafkaField[],
  ours: readonly Field[],
  path: string,
): void {
  for (const field of ours) {
    const theirs = kafkaFields.find((candidate) => smallFirst(candidate.name) === field.name)
    assert.ok(theirs, `${path}${field.name} is not Kafka's`)
    if (field.default !== undefined || theirs.default !== undefined) {
      const expected = kafkaDefault(message, theirs)
      assert.deepEqual(field.default, expected, `default of ${path}${field.name}`)
    }
    const struct = structIn(field.type)
    if (struct) {
      const children = childrenOf(message, theirs)
      checkDefaults(message, children, struct.fields, `${path}${field.name}.`)
    }
  }
}

/** Between Kafka's own brokers and controllers: ours have their own ways. */
const KAFKA_INTERNAL = [
  'AddRaftVoter',
  'DeleteShareGroupState',
  'InitializeShareGroupState',
  'ReadShareGroupState',
  'ReadShareGroupStateSummary',
  'RemoveRaftVoter',
  'WriteShareGroupState',
]

test('every API that Kafka’s brokers offer to clients is described', () => {
  const offered = [...messages.values()]
    .filter((message) => message.type === 'request' && message.listeners?.includes('broker'))
    .filter((message) => message.validVersions !== 'none')
    .map((message) => message.name.replace('Request', ''))
  const described = [...apis.map((api) => api.name), ...KAFKA_INTERNAL]
  assert.deepEqual(described.sort(), offered.sort())
})

for (const api of apis) {
  describe(api.name, () => {
    test('key, versions and encoding are Kafka’s', () => {
      for (const direction of ['Request', 'Response'] as const) {
        const message = messageOf(api, direction)
        assert.equal(message.apiKey, api.key)
        assert.deepEqual(api.versions, range(message.validVersions))
        const flexible = range(message.flexibleVersions)
        assert.equal(api.flexible, flexible === NEVER ? Number.POSITIVE_INFINITY : flexible[0])
      }
      const isUnstable = messageOf(api, 'Request').latestVersionUnstable === true
      assert.equal(api.unstable, isUnstable ? api.versions[1] : undefined)
    })

    for (const version of versionsOf(api)) {
      test(`the fields of v${version} are Kafka’s`, () => {
        const request = messageOf(api, 'Request')
        const response = messageOf(api, 'Response')
        assert.deepEqual(
          ourShapes(api.requestType, version),
          kafkaShapes(request, request.fields, version),
        )
        assert.deepEqual(
          ourShapes(api.responseType, version),
          kafkaShapes(response, response.fields, version),
        )
      })
    }

    test('the defaults are Kafka’s', () => {
      const request = messageOf(api, 'Request')
      const response = messageOf(api, 'Response')
      checkDefaults(request, request.fields, api.requestType.fields, '')
      checkDefaults(response, response.fields, api.responseType.fields, '')
    })
  })
}
