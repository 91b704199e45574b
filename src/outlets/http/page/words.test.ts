import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { brief, clock, moment, outside, sentence } from './words.ts'

const now = new Date('2026-11-21T12:00:00Z')
const textOf = async (markup: unknown): Promise<string> => String(await markup).replace(/<[^>]*>/g, '')

describe('times', () => {
  const rows = [
    [0, 'just now'],
    [-500, 'just now'],
    [30_000, '30 seconds ago'],
    [119_000, '1 minute 59 seconds ago'],
    [4 * 3_600_000 + 120_000, '4 hours ago'],
    [44 * 3_600_000, '1 day 20 hours ago'],
    [-3_600_000, 'in 1 hour'],
    [-7_300_000, 'in 2 hours'],
  ] as const
  for (const [ageMs, text] of rows)
    it(`says ${text}`, async () => assert.equal(await textOf(moment(new Date(now.getTime() - ageMs), now)), text))
  it('carries the exact instant', async () =>
    assert.match(
      String(await moment(now, now)),
      /datetime="2026-11-21T12:00:00\.000Z" title="2026-11-2\d \d\d:\d\d:\d\d [^"]+"/,
    ))
  it('says unknown for what is no time', async () =>
    assert.deepEqual(
      [await textOf(moment(undefined, now)), await textOf(clock(new Date(Number.NaN)))],
      ['unknown', 'unknown'],
    ))
  for (const [ms, text] of [
    [900, 'under 1 s'],
    [1600, '1 s'],
    [123_000, '2 min 3 s'],
    [3_780_000, '1 h 3 min'],
  ] as const)
    it(`says in short ${text}`, () =>
      assert.equal(brief(now, new Date(now.getTime() + ms)).replaceAll('\u00a0', ' '), text))
})

describe('text from outside', () => {
  it('is escaped and cannot turn what stands beside it', async () =>
    assert.equal(String(await outside('<b>&"\'\u202e\n\0')), '<bdi>&lt;b&gt;&amp;&quot;&#39;\ufffd \ufffd</bdi>'))
  it('shows commands as such', async () =>
    assert.equal((await Promise.all(sentence('Run `muster <x>`.'))).join(''), 'Run <code>muster &lt;x&gt;</code>.'))
  it('leaves an odd backquote alone', async () =>
    assert.equal(await textOf((await Promise.all(sentence('a ` b'))).join('')), 'a ` b'))
})
