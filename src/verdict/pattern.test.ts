import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fits, fitsSet } from './pattern.ts'

const rows: [pattern: string, text: string, want: boolean][] = [
  ['web-*/root', 'web-1/root', true],
  ['web-*/root', 'web-1/admin', false],
  ['web-?/root', 'web-12/root', false],
  ['*', '', true],
  ['?', '', false],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-b-b-d', false],
  ['a.c', 'abc', false],
  ['[a]', 'a', false],
  ['', '', true],
  ['', 'a', false],
]

describe('a pattern', () => {
  for (const [pattern, text, want] of rows)
    it(`${pattern} ${want ? 'fits' : 'does not fit'} ${text}`, () => expect(fits(pattern, text)).toBe(want))

  it('says what a regular expression says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 6 })
    fc.assert(
      fc.property(pattern, text, (given, name) => {
        const same = new RegExp(`^${given.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
        expect(fits(given, name)).toBe(same.test(name))
      }),
    )
  })

  it('is done soon, whatever somebody calls a host', () => {
    const begun = performance.now()
    expect(fits('*a'.repeat(128), 'a'.repeat(100_000).concat('b'))).toBe(false)
    expect(performance.now() - begun).toBeLessThan(2_000)
  })

  it('without a slash is about the host', () => {
    expect(fitsSet('old-*', { host: 'old-nas', user: 'root' })).toBe(true)
    expect(fitsSet('root', { host: 'nas', user: 'root' })).toBe(false)
    expect(fitsSet('nas/', { host: 'nas', user: '' })).toBe(true)
  })

  it('that ends before tags or paths is for all of them', () => {
    const set = { host: 'web-7', user: 'root', tags: ['hourly'], paths: ['/srv/a'] }
    for (const pattern of ['web-*/root', '*/*/hourly', '*/*/hourly//srv/a'])
      expect(fitsSet(pattern, set), pattern).toBe(true)
    for (const pattern of ['web-*/admin', '*/*/daily', '*/*/hourly//srv/b'])
      expect(fitsSet(pattern, set), pattern).toBe(false)
    expect(fitsSet('web-*/root', { host: 'web-7', user: 'root', tags: [] })).toBe(true)
  })

  it('reaches tags and paths where they tell sets apart', () => {
    expect(fitsSet('*/*/daily', { host: 'nas', user: 'root', tags: ['daily'] })).toBe(true)
    expect(fitsSet('*/srv*', { host: 'nas', user: 'root', tags: [], paths: ['/srv/www'] })).toBe(true)
  })
})
