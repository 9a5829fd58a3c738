// A record as a line of JSON is stored as it was written, or refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { jsonMembers } from '../../src/cli/records/json-text.js'
import { BadRecord, parseRecord } from '../../src/cli/records/ndjson.js'

const parse = (line: string) => parseRecord(Buffer.from(line))

test('a value that is no string is stored as the text it was written in', () => {
  for (const text of [
    '12345678901234567890',
    '1.0',
    '1e400',
    '{"a": 1.0, "b":[ ]}',
    '[1.50]',
    '-0',
  ])
    assert.deepEqual(parse(`{ "value" : ${text} , "key":${text}}`), { key: text, value: text })
  assert.deepEqual(
    parse('{"value":{"base64":"AAEC","more":1}}').value,
    '{"base64":"AAEC","more":1}',
  )
})

test('headers keep their order, their names that repeat and the text of their values', () => {
  assert.deepEqual(parse('{"headers":[["a",1.0],["a","x"],["b",null]]}').headers, [
    ['a', '1.0'],
    ['a', 'x'],
    ['b', null],
  ])
  assert.deepEqual(parse('{"headers":{"a":1.0,"b":{"base64":"AA=="}}}').headers, [
    ['a', '1.0'],
    ['b', Uint8Array.of(0)],
  ])
})

test('what cannot be stored as it was written is refused', () => {
  const lines: [Uint8Array | string, RegExp][] = [
    [Buffer.from('{"value":"\xff"}', 'latin1'), /not UTF-8/],
    ['{"value":"\\ud800"}', /surrogate/],
    ['{"value":{"base64":"!!!zz"}}', /"!!!zz" is not base64/],
    ['{"value":{"base64":"AAE"} ,"key":{"base64":"A"}}', /"A" is not base64/],
    ['{"value":{"base64":1}}', /must be a string/],
    ['{"headers":[["a",1,2]]}', /pairs/],
    ['{"headers":[1]}', /pairs/],
    ['{"headers":7}', /"headers" is an object or an array/],
    ['{"timestamp":1.5}', /"timestamp" must be a whole number/],
  ]
  for (const [line, problem] of lines) {
    const tried = () => parseRecord(Buffer.from(line))
    assert.throws(tried, (error) => error instanceof BadRecord && problem.test(error.message))
  }
})

test('the members of any object and array are found, whatever stands between them', () => {
  const value = fc.oneof(fc.object({ withNullPrototype: false }), fc.array(fc.jsonValue()))
  fc.assert(
    fc.property(value, fc.constantFrom('', ' ', '\t', '  '), (made, space) => {
      const text = JSON.stringify(made, undefined, space)
      const found = jsonMembers(text).map(({ name, text }) => [name, JSON.parse(text) as unknown])
      const parsed = JSON.parse(text) as object
      const expected: [string | undefined, unknown][] = Array.isArray(parsed)
        ? parsed.map((element: unknown) => [undefined, element])
        : Object.entries(parsed)
      // Object.entries lists names that are numbers first.
      const byName = ([a]: unknown[], [b]: unknown[]) => String(a).localeCompare(String(b))
      assert.deepEqual(
        Array.isArray(parsed) ? found : found.toSorted(byName),
        Array.isArray(parsed) ? expected : expected.toSorted(byName),
      )
    }),
  )
})
