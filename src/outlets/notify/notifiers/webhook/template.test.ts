import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../../../model/delivery.ts'
import { fill, templateFault } from './template.ts'

const message = (title: string): Message => ({
  kind: 'incidents',
  title,
  severity: 'critical',
  entries: [],
  host: 'alpha',
  at: new Date('2026-11-21T11:42:37Z'),
})

describe('a template', () => {
  it('of JSON stays JSON, whatever is told', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const body = fill(
          '{"text": "{title}", "level": "{severity}", "other": {"x": "{y}"}}',
          'application/json',
          'i',
          message(title),
        )
        expect(JSON.parse(body)).toEqual({ text: title, level: 'critical', other: { x: '{y}' } })
      }),
    ))

  it('of a form stays one', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const form = new URLSearchParams(
          fill('title={title}&host={host}', 'application/x-www-form-urlencoded', 'i', message(title)),
        )
        expect([...form]).toEqual([
          ['title', title.toWellFormed()],
          ['host', 'alpha'],
        ])
      }),
    ))

  it('of text has the fields as they are', () =>
    expect(fill('{title} {link}{at} {id} {nope}', 'text/plain', 'i7', message('a "b"'))).toBe(
      'a "b" 2026-11-21T11:42:37.000Z i7 {nope}',
    ))

  it('that is no JSON is refused', () => {
    expect(templateFault('{"text": {title}}')).toMatch(/no JSON/)
    expect(templateFault('{"text": "{title}"}')).toBeUndefined()
    expect(templateFault('"{text}"')).toBeUndefined()
  })
})
