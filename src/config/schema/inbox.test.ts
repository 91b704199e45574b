import { describe, expect, it } from 'vitest'
import { sayPath } from '../finding.ts'
import { parseConfig } from '../parse.ts'

const parsed = (inbox: object) => parseConfig(JSON.stringify({ inbox }))
const faults = (inbox: object): string[] =>
  parsed(inbox).errors.map(({ path, message, next }) => `${sayPath(path)} ${message} → ${next}`)

describe('the block `inbox`', () => {
  it('needs nothing within, and no repository beside it', () =>
    expect(parsed({}).config?.inbox).toMatchObject({ alerts: [], tokens: [], mostPerMinute: 1_200_000 }))

  it('asks an Alertmanager on this machine where nothing else is said', () =>
    expect(parsed({ poll: {} }).config?.inbox?.poll).toEqual({
      url: 'http://127.0.0.1:9093',
      every: 30_000,
      timeout: 10_000,
    }))

  it('takes every kind of matcher', () =>
    expect(faults({ alerts: [['a="b"', 'a!=b', 'a =~ "b|c.*"', 'a!~"\\\\d+"']] })).toEqual([]))

  const rows: readonly (readonly [string, object, RegExp])[] = [
    ['a matcher without a sign', { alerts: [['severity']] }, /^inbox\.alerts\[0\]\[0\] .*NAME="VALUE"/],
    [
      'an expression that does not end',
      { alerts: [['a="b"'], ['a="b"', 'a=~"("']] },
      /^inbox\.alerts\[1\]\[1\] .*regular expression/,
    ],
    ['one with a repetition of nothing', { alerts: [['a!~"*x"']] }, /^inbox\.alerts\[0\]\[0\] .*regular expression/],
    ['an entry without matchers', { alerts: [[]] }, /^inbox\.alerts\[0\] /],
    ['an address that is none of the web', { poll: { url: 'file:///etc/passwd' } }, /^inbox\.poll\.url /],
    ['a typo', { polls: {} }, /^inbox\.polls .*poll/],
  ]
  for (const [name, inbox, want] of rows)
    it(`refuses ${name}, and says where`, () => {
      const [fault, ...others] = faults(inbox)
      expect(others).toEqual([])
      expect(fault).toMatch(want)
    })
})
