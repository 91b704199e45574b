import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../model/secret.ts'
import { redactor } from './redact.ts'

describe('redactor', () => {
  const rows = [
    { name: 'a secret value', secrets: ['s3cret!'], text: 'wrong s3cret! here', want: 'wrong *** here' },
    { name: 'its percent-encoding', secrets: ['a/b@c'], text: 'GET /a%2Fb%40c', want: 'GET /***' },
    { name: 'its form inside JSON', secrets: ['a"b\\c'], text: String.raw`{"x":"a\"b\\c"}`, want: '{"x":"***"}' },
    { name: 'each line of a long one', secrets: ['-----BEGIN\nabcdef\n'], text: 'abcdef', want: '***' },
    { name: 'a longer one before a part of it', secrets: ['abcd', 'abcdefgh'], text: 'abcdefgh abcd', want: '*** ***' },
    {
      name: 'its Base64 behind a user name',
      secrets: ['correct horse'],
      text: `Basic ${Buffer.from('anna:correct horse').toString('base64')}`,
      want: 'Basic YW5uYTp***',
    },
    {
      name: 'its hexadecimal form',
      secrets: ['correct horse'],
      text: Buffer.from('correct horse').toString('hex'),
      want: '***',
    },
    { name: 'the password of any URL', secrets: [], text: 'at https://u:p@ss@host/x', want: 'at https://u:***@host/x' },
    { name: 'an empty user name too', secrets: [], text: 'http://:pw@host', want: 'http://:***@host' },
    { name: 'no port', secrets: [], text: 'http://host:80/a@b', want: 'http://host:80/a@b' },
    { name: 'nothing shorter than four characters', secrets: ['abc', undefined], text: 'abc', want: 'abc' },
  ]
  for (const { name, secrets, text, want } of rows) {
    it(`masks ${name}`, () => {
      expect(redactor(secrets.map((secret) => secret && new Secret(secret)))(text)).toBe(want)
    })
  }

  it('lets no secret through, whatever is around it', () => {
    const secret = fc.string({ minLength: 4, unit: 'binary' }).filter((text) => !/^\**$/.test(text))
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        fc.pre(!before.includes(value) && !after.includes(value) && !'***'.includes(value))
        expect(redactor([value])(`${before}${value}${after}`).length).toBeLessThanOrEqual(
          before.length + after.length + Math.max(3, value.length),
        )
        expect(redactor([value])(`<${value}>`)).not.toContain(`<${value}>`)
      }),
    )
  })

  it('takes time in proportion to a long text', () => {
    const startedAt = performance.now()
    redactor(['secret'])(`${'a'.repeat(500_000)}${'://'.repeat(100_000)}${'://a:'.repeat(50_000)}`)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
