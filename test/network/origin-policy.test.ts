import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refusedOrigin } from '../../src/network/origin-policy.js'

const listener = {
  name: 'WEBSOCKET',
  protocol: 'websocket',
  bind: { host: '127.0.0.1', port: 9600 },
  advertised: { host: 'broker.example.com', port: 9600 },
  role: 'client',
} as const
const policy = { listener, allowedOrigins: ['https://app.example.com'] }

for (const [origin, host, allowed] of [
  ['', 'anything:1', true],
  ['http://localhost:3000', '127.0.0.1:9600', true],
  ['http://127.0.0.1:8080', '127.0.0.1:9600', true],
  ['http://[::1]:8080', '127.0.0.1:9600', true],
  ['https://app.example.com', 'broker.example.com', true],
  ['https://broker.example.com', 'broker.example.com:9600', true],
  ['http://10.0.0.5:9600', '10.0.0.5:9600', true],
  ['http://10.0.0.6:9600', '10.0.0.5:9600', false],
  ['https://evil.example', '127.0.0.1:9600', false],
  // The attacker's name resolves to loopback: Origin and Host agree, and must not convince.
  ['http://evil.example:9600', 'evil.example:9600', false],
  ['http://localhost.evil.example', 'localhost.evil.example', false],
  ['null', '127.0.0.1:9600', false],
  ['not a url', '127.0.0.1:9600', false],
] as const) {
  test(`origin "${origin}" at ${host} is ${allowed ? 'allowed' : 'refused'}`, () => {
    assert.equal(refusedOrigin(origin, host, policy) === undefined, allowed)
  })
}
