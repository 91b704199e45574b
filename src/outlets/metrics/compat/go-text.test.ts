import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { goNumber, renderGauges } from './go-text.ts'

describe('a number as Go writes it', () => {
  for (const [value, text] of [
    [0, '0'],
    [-0, '0'],
    [1, '1'],
    [-1, '-1'],
    [0.5, '0.5'],
    [61, '61'],
    [123456, '123456'],
    [999999, '999999'],
    [1e6, '1e+06'],
    [1234567, '1.234567e+06'],
    [1732550400, '1.7325504e+09'],
    [1732550400.123, '1.732550400123e+09'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e100, '1e+100'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ] as const)
    it(`${value} is ${text}`, () => assert.equal(goNumber(value), text))
})

it('labels are escaped, twins told once, families without a sample left out', () => {
  const labels = { url: 'a\\b"c\nd' }
  const samples = [
    { labels, value: 1 },
    { labels, value: 2 },
  ]
  assert.equal(
    renderGauges([
      { name: 'a', help: 'A', samples },
      { name: 'b', help: 'B', samples: [] },
    ]),
    '# HELP a A\n# TYPE a gauge\na{url="a\\\\b\\"c\\nd"} 1\n',
  )
})

it('a label that is too long is cut, and stays another than its like', () => {
  const text = renderGauges([
    {
      name: 'a',
      help: 'A',
      samples: ['x', 'y'].map((end) => ({ labels: { url: 'u'.repeat(5_000) + end }, value: 1 })),
    },
  ])
  const [, , one = '', two = ''] = text.split('\n')
  assert.equal(one.length, two.length)
  assert.ok(one.length < 1_100 && one !== two)
})
