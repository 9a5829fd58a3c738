import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codecFor } from '../../src/protocol/codec.js'
import {
  decodeCorrelationId,
  decodeRequestHeader,
  encodeRequestFrame,
  encodeResponseFrame,
  skipResponseHeader,
} from '../../src/protocol/headers.js'
import { apiVersions } from '../../src/protocol/messages/api-versions.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { FrameReader } from '../../src/protocol/reader.js'
import { joined } from './support/frames.js'

function reader(hex: string): FrameReader {
  return new FrameReader([new Uint8Array(Buffer.from(hex.replace(/\s/g, ''), 'hex'))])
}

describe('a request header', () => {
  test('has tagged fields from the first flexible version on', () => {
    const classic = reader('0003 0008 0000002a 0002 6162 77')
    assert.deepEqual(decodeRequestHeader(classic), {
      apiKey: 3,
      apiVersion: 8,
      correlationId: 42,
      clientId: 'ab',
    })
    assert.equal(classic.remaining, 1)
    const flexible = reader('0003 0009 0000002a 0002 6162 01 05 02 aabb 77')
    assert.equal(decodeRequestHeader(flexible).clientId, 'ab')
    assert.equal(flexible.remaining, 1)
  })

  test('may lack a client id', () => {
    assert.equal(decodeRequestHeader(reader('0003 0000 00000001 ffff')).clientId, null)
  })

  test('of an unknown API or version is read as far as it can be known', () => {
    const unknown = { apiKey: 9999, apiVersion: 7, correlationId: 1 }
    assert.deepEqual(decodeRequestHeader(reader('270f 0007 00000001 0001 61')), {
      ...unknown,
      clientId: 'a',
    })
    assert.deepEqual(decodeRequestHeader(reader('270f 0007 00000001 7fff 61')), {
      ...unknown,
      clientId: null,
    })
    assert.equal(decodeRequestHeader(reader('270f 0007 00000001')).clientId, null)
    assert.equal(decodeRequestHeader(reader('0012 03e7 00000005 ffff 00')).apiVersion, 999)
  })

  test('that is cut off or lies is a ProtocolError', () => {
    for (const hex of [
      '',
      '0003',
      '0003 0009 000000',
      '0003 0009 00000001 7fff 61',
      '0003 0009 00000001 ffff',
    ]) {
      assert.throws(() => decodeRequestHeader(reader(hex)), ProtocolError, hex)
    }
  })
})

describe('a frame', () => {
  test('of a request begins with its length', () => {
    const codec = codecFor(metadata, 9)
    const header = { correlationId: 7, clientId: 'me' }
    const bytes = joined(encodeRequestFrame(codec, header, { topics: null }))
    const frame = new FrameReader([bytes])
    assert.equal(frame.readInt32(), bytes.length - 4)
    assert.deepEqual(decodeRequestHeader(frame), { apiKey: 3, apiVersion: 9, ...header })
    assert.equal(codec.decodeRequest(frame).topics, null)
    assert.equal(frame.remaining, 0)
  })

  test('of a response has tagged fields in its header, but not that of ApiVersions', () => {
    const api = { apiKey: 3, minVersion: 0, maxVersion: 13 }
    const bytes = joined(
      encodeResponseFrame(codecFor(apiVersions, 3), 9, { errorCode: 0, apiKeys: [api] }),
    )
    const frame = new FrameReader([bytes.subarray(4)])
    assert.equal(decodeCorrelationId(frame), 9)
    skipResponseHeader(frame, apiVersions, 3)
    assert.equal(frame.readInt16(), 0)
    assert.equal(frame.readUnsignedVarint(), 2)

    const answer = joined(
      encodeResponseFrame(codecFor(metadata, 9), 5, { brokers: [], topics: [] }),
    )
    const flexible = new FrameReader([answer.subarray(4)])
    assert.equal(decodeCorrelationId(flexible), 5)
    skipResponseHeader(flexible, metadata, 9)
    assert.deepEqual(codecFor(metadata, 9).decodeResponse(flexible).topics, [])
    assert.equal(flexible.remaining, 0)
  })
})
