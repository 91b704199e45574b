import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { describe, it } from 'vitest'
import { renderFamilies } from './exposition.ts'
import { counter, gauge } from './family.ts'

const labelled = (value: string): string =>
  renderFamilies([gauge('g', 'Help.', [[{ l: value }, 1]])], 'prometheus').split('\n')[2] ?? ''
const long = 'x'.repeat(1_048_576)

const rows: readonly (readonly [name: string, value: string, line: string])[] = [
  ['plain text', 'nas', 'g{l="nas"} 1'],
  ['quotes', 'a"b', 'g{l="a\\"b"} 1'],
  ['backslashes', 'C:\\x', 'g{l="C:\\\\x"} 1'],
  ['line ends', 'a\nb', 'g{l="a\\nb"} 1'],
  ['a backslash before an n', 'a\\nb', 'g{l="a\\\\nb"} 1'],
  ['half a surrogate pair', 'a\ud800b', 'g{l="a\ufffdb"} 1'],
  ['emoji', '💾', 'g{l="💾"} 1'],
  ['nothing', '', 'g{l=""} 1'],
  ['1,024 characters', 'y'.repeat(1024), `g{l="${'y'.repeat(1024)}"} 1`],
  ['1 MiB', long, `g{l="${'x'.repeat(1007)}~${createHash('sha256').update(long).digest('hex').slice(0, 16)}"} 1`],
]

describe('label values', () => {
  for (const [name, value, line] of rows) it(`hold ${name}`, () => assert.equal(labelled(value), line))
  it('are cut to 1,024 characters, and two long ones stay two', () => {
    assert.notEqual(labelled(`${long}a`), labelled(`${long}b`))
    assert.equal(labelled(`${long}a`).length, 'g{l=""} 1'.length + 1024)
  })
  it('are not cut inside a pair of surrogates', () => assert.ok(labelled('💾'.repeat(2000)).isWellFormed()))
})

describe('families', () => {
  const families = [
    gauge('g', 'A "gauge"\nof \\ things.', [
      [{}, 1.5],
      [{ a: 'b' }, undefined],
    ]),
    counter('c', 'A counter.', [[{ x: '1', y: '2' }, 3]]),
    gauge('none', 'No sample.', []),
  ]
  it('in the classic format', () =>
    assert.equal(
      renderFamilies(families, 'prometheus'),
      '# HELP g A "gauge"\\nof \\\\ things.\n# TYPE g gauge\ng 1.5\n# HELP c_total A counter.\n# TYPE c_total counter\nc_total{x="1",y="2"} 3\n',
    ))
  it('in OpenMetrics', () =>
    assert.equal(
      renderFamilies(families, 'openmetrics'),
      '# HELP g A \\"gauge\\"\\nof \\\\ things.\n# TYPE g gauge\ng 1.5\n# HELP c A counter.\n# TYPE c counter\nc_total{x="1",y="2"} 3\n',
    ))
  it('tell one of two samples that would be the same series', () =>
    assert.equal(
      renderFamilies(
        [
          gauge('g', 'H.', [
            [{ l: '\ud800' }, 1],
            [{ l: '\udfff' }, 2],
          ]),
        ],
        'prometheus',
      ),
      '# HELP g H.\n# TYPE g gauge\ng{l="\ufffd"} 1\n',
    ))
  for (const [value, text] of [
    [1e21, '1e+21'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [0.1, '0.1'],
    [-0, '0'],
    [1795261354.543, '1795261354.543'],
  ] as const)
    it(`write ${text}`, () =>
      assert.ok(renderFamilies([gauge('g', 'H.', [[{}, value]])], 'prometheus').endsWith(`\ng ${text}\n`)))
})
