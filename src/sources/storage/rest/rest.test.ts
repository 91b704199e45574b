import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Secret } from '../../../model/secret.ts'
import { parseAddress } from './address.ts'
import { parseListing } from './listing.ts'

const name = 'ab'.repeat(32)
const other = 'cd'.repeat(32)

describe('a listing', () => {
  const rows = [
    { text: JSON.stringify([name, other]), want: [{ name }, { name: other }] },
    { text: JSON.stringify([name, name, `${name}.tmp`, 'x']), want: [{ name }] },
    { text: JSON.stringify([{ name, size: 5 }]), want: [{ name, sizeBytes: 5 }] },
    { text: JSON.stringify([{ name, size: 2 ** 60 }]), want: [{ name }] },
    {
      text: JSON.stringify([
        { name, size: -1 },
        { name: '../x', size: 1 },
      ]),
      want: [{ name }],
    },
    { text: '[]', want: [] },
    { text: 'null', want: [] },
    { text: '{}', want: undefined },
    { text: '[1]', want: undefined },
    { text: '["a"', want: undefined },
    { text: '<html>', want: undefined },
    { text: '', want: undefined },
  ]
  for (const { text, want } of rows)
    it(`${text.replaceAll(name, 'N').replaceAll(other, 'M')}`, () =>
      assert.deepEqual(parseListing(Buffer.from(text)), want))

  it('is answered with a value, whatever its bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseListing(bytes)))
    assert.equal(parseListing(Buffer.from('['.repeat(1_000_000))), undefined)
  })
})

describe('an address', () => {
  const parse = (url: string, environment: Record<string, string> = {}) => {
    const secrets = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, new Secret(value)]))
    const address = parseAddress({ url: new Secret(url), environment: secrets })
    if (address === undefined) return undefined
    const { authorization, ...rest } = address
    const encoded = authorization?.reveal().replace('Basic ', '')
    return { ...rest, ...(encoded && { login: Buffer.from(encoded, 'base64').toString() }) }
  }
  const http = { scheme: 'http', to: { host: 'h', port: 80 }, authority: 'h', path: '/' }
  const variables = { RESTIC_REST_USERNAME: 'eu', RESTIC_REST_PASSWORD: 'ep' }
  const rows = [
    { url: 'rest:http://h', want: http },
    { url: 'rest:http://h/a/b', want: { ...http, path: '/a/b/' } },
    { url: 'rest:http://h:8000/', want: { ...http, to: { host: 'h', port: 8000 }, authority: 'h:8000' } },
    { url: 'rest:https://h/', want: { ...http, scheme: 'https', to: { host: 'h', port: 443 } } },
    { url: 'rest:http://[::1]:8000/', want: { ...http, to: { host: '::1', port: 8000 }, authority: '[::1]:8000' } },
    { url: 'rest:http://u:p@h/', want: { ...http, login: 'u:p' } },
    { url: 'rest:http://u:a%2Fb%40c@h/', want: { ...http, login: 'u:a/b@c' } },
    { url: 'rest:http://h/', env: variables, want: { ...http, login: 'eu:ep' } },
    { url: 'rest:http://u@h/', env: variables, want: { ...http, login: 'u:' } },
    { url: 'rest:http://h/', env: { RESTIC_REST_USERNAME: 'eu' }, want: { ...http, login: 'eu:' } },
    {
      url: 'rest:http+unix:///run/rest.sock:/repo/',
      want: { ...http, to: { socketPath: '/run/rest.sock' }, authority: 'localhost', path: '/repo/' },
    },
    {
      url: 'rest:http+unix:///run/rest.sock',
      want: { ...http, to: { socketPath: '/run/rest.sock' }, authority: 'localhost' },
    },
    { url: 'rest:ftp://h/', want: undefined },
    { url: 'rest:nonsense', want: undefined },
    { url: 'rest:http+unix://relative:/x', want: undefined },
  ]
  for (const { url, env, want } of rows)
    it(`${url}${env ? ' with variables' : ''}`, () => assert.deepEqual(parse(url, env), want))
})
