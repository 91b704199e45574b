import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canMeet, defaultName, globOf, nameFault, nameFor, piecesOf, regexOf } from './archive-name.ts'

describe('a template', () => {
  const rows: readonly (readonly [string, RegExp | undefined])[] = [
    [defaultName, undefined],
    ['{hostname}-files-{now:%Y-%m-%d}', undefined],
    ['{uuid4}', undefined],
    ['{hostname}-{utcnow:%F}', undefined],
    ['x-{now:%s}', undefined],
    ['x-{now:%Y}-{now:%j}', undefined],
    ['x-{now:%G-W%V-%u}', undefined],
    ['x-{now:%Y%m%d}', undefined],
    ['{now:%Y}', /come round/],
    ['{fqdn}-{now:%H}', /come round/],
    ['x-{now:%Y-%m}', /come round/],
    ['x-{now:%m-%d}', /come round/],
    ['x-{now:%A-%H%M%S}', /come round/],
    ['{hostname}-{pid}', /numbers of processes/],
    ['', /empty/],
    ['backup', /always the same name/],
    ['{hostname}-{user}', /always the same name/],
    ['{host}-{now}', /\{host\}, which borg does not know/],
    ['{now', /a brace without/],
    ['{now}}', /a brace without/],
    ['a/{now}', /slash/],
    ['{now:%D}', /slash/],
    ['{now}.checkpoint', /unfinished/],
    [' {now}', /space/],
    ['{{now}}', /always the same/],
  ]
  for (const [template, want] of rows)
    it(`${template} ${want === undefined ? 'can be one' : 'is refused'}`, () => {
      const fault = nameFault(template)
      if (want === undefined) expect(fault).toBeUndefined()
      else expect(fault?.message).toMatch(want)
    })

  it('says what to do about its own fault', () => {
    expect(nameFault('a/{now}')?.next).toMatch(/dash/)
    expect(nameFault('{host}-{now}')?.next).toMatch(/hostname, fqdn/)
    expect(nameFault('{now')?.next).toMatch(/Close it/)
    expect(nameFault('fixed')?.next).toMatch(/hold the time/)
  })

  it('records the host in place of the name of the machine, whatever signs are in it', () => {
    expect(nameFor('{hostname}-{now}', 'web/{now}')).toBe('web-{{now}}-{now}')
  })
})

describe('names that a template makes', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    [defaultName, 'h1-2026-01-02T03:04:05', true],
    [defaultName, 'h1-db-2026-01-02T03:04:05', false],
    [defaultName, 'h1-2026-01-02T03:04:05.checkpoint', false],
    ['{hostname}-{user}-{now:%Y}', 'h1-root-2026', true],
    ['{now:%A}', 'Friday', true],
    ['[a]*?{{x}}{now:%Y}', '[a]*?{x}2026', true],
    ['[a]*?{{x}}{now:%Y}', 'a*?{x}2026', false],
  ]
  for (const [template, name, want] of rows)
    it(`${name} is ${want ? '' : 'not '}one of ${template}`, () =>
      expect(regexOf(piecesOf(template, 'h1')).test(name)).toBe(want))

  it('are found by the pattern for borg, signs of patterns and placeholders escaped', () => {
    expect(globOf(piecesOf('{hostname}[x]-{now:%d}{user}', 'a*{b}'))).toBe('a[*]{{b}}[[]x]-[0-9][0-9]*')
  })

  it('of two templates can meet, or cannot', () => {
    const meet = (a: string, b: string): boolean => canMeet(piecesOf(a, 'h'), piecesOf(b, 'h'))
    expect(meet(defaultName, defaultName)).toBe(true)
    expect(meet(defaultName, '{hostname}-db-{now}')).toBe(false)
    expect(meet('{hostname}-{user}-{now}', '{hostname}-db-{now}')).toBe(true)
    expect(meet('{now:%Y}', '2{uuid4}')).toBe(true)
    expect(meet('a{now:%d}', 'a1{now:%u}')).toBe(true)
    expect(meet('a{now:%d}', 'ax{now:%u}')).toBe(false)
  })

  it('meet whenever one name is of both', () => {
    const part = fc.constantFrom('a', 'b', '1', '{now:%d}', '{user}', '{now:%u}')
    const template = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''))
    const name = fc.stringMatching(/^[ab12]{0,6}$/)
    fc.assert(
      fc.property(template, template, name, (a, b, text) => {
        const [left, right] = [piecesOf(a, 'h'), piecesOf(b, 'h')]
        if (regexOf(left).test(text) && regexOf(right).test(text)) expect(canMeet(left, right)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
