import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isRetriable,
  kafkaErrorCode,
  kafkaErrorName,
  kafkaErrorNames,
} from '../../src/protocol/error-codes.js'

test('Kafka’s error codes run from -1 without a gap', () => {
  assert.equal(kafkaErrorNames.length, 138)
  kafkaErrorNames.forEach((name, index) => {
    assert.equal(kafkaErrorCode(name), index - 1)
    assert.equal(kafkaErrorName(index - 1), name)
  })
})

test('well-known codes are where clients expect them', () => {
  assert.equal(kafkaErrorCode('NONE'), 0)
  assert.equal(kafkaErrorCode('NOT_LEADER_OR_FOLLOWER'), 6)
  assert.equal(kafkaErrorCode('UNSUPPORTED_VERSION'), 35)
  assert.equal(kafkaErrorCode('KAFKA_STORAGE_ERROR'), 56)
  assert.equal(kafkaErrorCode('UNKNOWN_TOPIC_ID'), 100)
  assert.equal(kafkaErrorName(4711), 'UNKNOWN_SERVER_ERROR')
})

test('a client may retry where Kafka’s own does', () => {
  assert.equal(isRetriable('NOT_LEADER_OR_FOLLOWER'), true)
  assert.equal(isRetriable('REQUEST_TIMED_OUT'), true)
  assert.equal(isRetriable('KAFKA_STORAGE_ERROR'), true)
  assert.equal(isRetriable('MESSAGE_TOO_LARGE'), false)
  assert.equal(isRetriable('INVALID_RECORD'), false)
})
