import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { succeed } from '../../src/base/errors.js'
import { readConfigFile } from '../../src/config/file.js'
import { type ConfigSources, loadConfig } from '../../src/config/load.js'
import {
  defaultWorkers,
  environmentOf,
  flagOf,
  settingKeys,
  settings,
} from '../../src/config/settings.js'
import { temporaryDirectory } from '../support/broker.js'

const nothing: ConfigSources = { flags: {}, environment: {}, file: undefined }

type Given = Partial<Omit<ConfigSources, 'file'>> & { file?: string }

function load({ file: path, ...sources }: Given) {
  const file = path === undefined ? succeed(undefined) : readConfigFile(path)
  return file.ok ? loadConfig({ ...nothing, ...sources, file: file.value }) : file
}

function loaded(sources: Given) {
  const outcome = load(sources)
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.failure.message)
  return outcome.value
}

function refused(sources: Given): string {
  const outcome = load(sources)
  assert.ok(!outcome.ok)
  return outcome.failure.message
}

function fileWith(text: string): string {
  const path = join(temporaryDirectory(), 'millrace.yaml')
  writeFileSync(path, text)
  return path
}

test('without anything, the defaults hold and bind to loopback', () => {
  const config = loaded({})
  assert.equal(config.flush, 'group')
  assert.deepEqual(
    config.listeners.map((l) => [l.protocol, l.bind.host, l.bind.port]),
    [
      ['kafka', '127.0.0.1', 9092],
      ['websocket', '127.0.0.1', 9600],
    ],
  )
  assert.equal(config.maxRequestBytes, 100 * 1024 * 1024)
})

test('flags win over the environment, the environment over the file', () => {
  const file = fileWith('flush: os\nworkers: 3\nlog:\n  write:\n    mode: pwrite\n')
  const environment = { MILLRACE_FLUSH: 'interval', MILLRACE_WORKERS: '2' }
  const config = loaded({ file, environment, flags: { workers: '1' } })
  assert.deepEqual([config.flush, config.workers, config.writeMode], ['interval', 1, 'pwrite'])
})

test('an error names the key as it was given and the allowed values', () => {
  assert.match(
    refused({ flags: { flush: 'always' } }),
    /--flush: must be one of group, interval, os/,
  )
  assert.match(
    refused({ environment: { MILLRACE_WORKERS: 'many' } }),
    /MILLRACE_WORKERS: must be a whole number from 0 to 64/,
  )
  const file = fileWith('flush.interval.ms: 0\n')
  assert.match(
    refused({ file }),
    /flush\.interval\.ms in .*millrace\.yaml: must be a whole number from 1/,
  )
  assert.match(refused({ flags: { kafka: 'nowhere' } }), /--kafka: "nowhere" is not HOST:PORT/)
})

test('an unknown setting is refused with the list of those that are', () => {
  assert.match(
    refused({ file: fileWith('fluhs: os\n') }),
    /unknown setting fluhs in .*; the settings are .*flush/,
  )
})

test('a file that is missing, or is no mapping, is one clear line', () => {
  assert.match(
    refused({ file: '/nonexistent/millrace.yaml' }),
    /cannot read the configuration file/,
  )
  assert.match(refused({ file: fileWith('- a\n- b\n') }), /must hold "key: value" lines/)
})

test('a public address without authentication is refused unless asked for', () => {
  assert.match(
    refused({ flags: { kafka: '0.0.0.0:9092' } }),
    /no authentication yet.*--allow-public-bind/,
  )
  const config = loaded({
    flags: { kafka: '0.0.0.0:9092', 'allow.public.bind': 'true', advertise: 'broker.example:9092' },
  })
  assert.deepEqual(config.listeners[0]?.advertised, { host: 'broker.example', port: 9092 })
})

test('an address that no client can connect to is not advertised', () => {
  assert.match(refused({ flags: { advertise: '0.0.0.0:9092' } }), /no client can connect to/)
  assert.match(refused({ flags: { advertise: 'host:0' } }), /cannot advertise port 0/)
})

test('listeners are a list, each with a name of its own', () => {
  const file = fileWith(
    'listeners:\n' +
      '  - { name: INSIDE, protocol: kafka, bind: "127.0.0.1:0", role: inter-broker }\n' +
      '  - { name: WEB, protocol: websocket, bind: "[::1]:0", advertised: "web.example:443" }\n',
  )
  const [inside, web] = loaded({ file }).listeners
  assert.deepEqual(
    [inside?.name, inside?.role, web?.bind.host, web?.advertised?.port],
    ['INSIDE', 'inter-broker', '::1', 443],
  )
  const twice = fileWith(
    'listeners:\n  - { name: A, protocol: kafka, bind: ":0" }\n  - { name: A, protocol: kafka, bind: ":0" }\n',
  )
  assert.match(refused({ file: twice }), /two listeners are named A/)
})

test('defaults of topics are checked, named by their key and kept as Kafka writes them', () => {
  for (const [text, said] of [
    ['retention.mss: 1', /^topic\.defaults in .*: Unknown topic config name: retention\.mss$/],
    ['retention.ms: soon', /^topic\.defaults in .*: Invalid value soon for .*retention\.ms/],
    ['retention.ms: [1]', /^topic\.defaults in .*\.retention\.ms: /],
  ] as const) {
    assert.match(refused({ file: fileWith(`topic.defaults:\n  ${text}\n`) }), said)
  }
  const file = fileWith('topic.defaults:\n  retention.ms: 60000\n  preallocate: True\n')
  assert.deepEqual(loaded({ file }).topicDefaults, {
    'retention.ms': '60000',
    preallocate: 'true',
  })
})

test('origins of web pages may be several, by flag, environment and file', () => {
  const [one, two] = ['https://app.example.com', 'http://intranet:8080']
  assert.deepEqual(loaded({}).allowedOrigins, [])
  assert.deepEqual(loaded({ flags: { 'allow.origin': [one, two] } }).allowedOrigins, [one, two])
  const environment = { MILLRACE_ALLOW_ORIGIN: `${one},${two}` }
  assert.deepEqual(loaded({ environment }).allowedOrigins, [one, two])
  const file = fileWith(`allow.origin: ${one}\n`)
  assert.deepEqual(loaded({ file }).allowedOrigins, [one])
  for (const wrong of ['*', 'app.example.com', `${one}/`, 'null', ''])
    assert.match(
      refused({ flags: { 'allow.origin': [wrong] } }),
      /^--allow-origin.*must be an origin as browsers send it/,
    )
})

test('listeners beside their shorthands, or two at one address, are refused', () => {
  const file = fileWith('listeners:\n  - { name: K, protocol: kafka, bind: 127.0.0.1:9092 }\n')
  assert.match(
    refused({ file, flags: { kafka: '127.0.0.1:1' }, environment: { MILLRACE_ADVERTISE: 'a:1' } }),
    /^--kafka, MILLRACE_ADVERTISE: listeners in .* says already where to listen/,
  )
  assert.match(
    refused({ flags: { kafka: '127.0.0.1:9600' } }),
    /^listeners KAFKA and WEBSOCKET cannot both have port 9600 of 127\.0\.0\.1$/,
  )
  loaded({ flags: { kafka: '127.0.0.1:0', websocket: '127.0.0.1:0' } })
})

test('a data directory that is given twice', () => {
  assert.match(refused({ flags: { data: ['a', './b/../a'] } }), /data directory .*a is given twice/)
})

test('data directories may be several, by flag, environment and file', () => {
  assert.deepEqual(loaded({ flags: { data: ['a', 'b'] } }).dataDirectories, ['a', 'b'])
  assert.deepEqual(loaded({ environment: { MILLRACE_DATA: 'a,b' } }).dataDirectories, ['a', 'b'])
  assert.deepEqual(loaded({ file: fileWith('data: [a, b]\n') }).dataDirectories, ['a', 'b'])
})

test('two to four workers, following the cores', () => {
  assert.deepEqual([1, 2, 3, 4, 64].map(defaultWorkers), [2, 2, 3, 4, 4])
})

test('every setting has help, and flags and variables are unique', () => {
  for (const key of settingKeys) assert.ok(settings[key].help.length > 10, key)
  assert.equal(new Set(settingKeys.map(flagOf)).size, settingKeys.length)
  assert.equal(new Set(settingKeys.map(environmentOf)).size, settingKeys.length)
})

test('whatever the flags hold, loading answers and never throws', () => {
  const flags = fc.dictionary(fc.constantFrom(...settingKeys), fc.anything({ maxDepth: 2 }))
  fc.assert(
    fc.property(flags, (given) => {
      const outcome = loadConfig({ ...nothing, flags: given })
      assert.equal(typeof outcome.ok, 'boolean')
    }),
  )
})
