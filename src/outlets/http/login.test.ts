import { strict as assert } from 'node:assert'
import { describe, it } from 'vitest'
import { Secret } from '../../model/secret.ts'
import { loginOf } from './login.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const login = loginOf(new Map([['admin', new Secret('pass:wörd')]]), [new Secret('token-1'), new Secret('token-2')])

const rows: readonly (readonly [name: string, authorization: string | undefined, admitted: boolean])[] = [
  ['a user with the password', basic('admin:pass:wörd'), true],
  ['the scheme in other letters', basic('admin:pass:wörd').replace('Basic', 'bAsIc'), true],
  ['the first token', 'Bearer token-1', true],
  ['the second token', 'bearer token-2', true],
  ['nothing', undefined, false],
  ['an empty value', '', false],
  ['a wrong password', basic('admin:wrong'), false],
  ['no password', basic('admin'), false],
  ['an empty password', basic('admin:'), false],
  ['an unknown user', basic('nobody:pass:wörd'), false],
  ['a user in other letters', basic('Admin:pass:wörd'), false],
  ['a user called __proto__', basic('__proto__:x'), false],
  ['a token as a password', basic('admin:token-1'), false],
  ['a password as a token', 'Bearer pass:wörd', false],
  ['a token that begins right', 'Bearer token-1x', false],
  ['a token that ends early', 'Bearer token-', false],
  ['two tokens', 'Bearer token-1 token-2', false],
  ['another scheme', 'Digest token-1', false],
  ['bytes that are no text', 'Basic ////', false],
]

describe('the login', () => {
  for (const [name, authorization, admitted] of rows)
    it(`${admitted ? 'admits' : 'refuses'} ${name}`, () => assert.equal(login?.admits(authorization), admitted))
  it('says how to log in', () =>
    assert.equal(login?.challenge, 'Basic realm="Muster", charset="UTF-8", Bearer realm="Muster"'))
  it('is not asked for without users and tokens', () => assert.equal(loginOf(new Map(), []), undefined))
})
