import { expect, it } from 'vitest'
import { Config } from '../../config/schema.ts'
import { loadPingKeys, unheard } from './keys.ts'

const load = (keys: Record<string, string>) => {
  const pings = Object.fromEntries(Object.keys(keys).map((name) => [name, { key: { env: name.toUpperCase() } }]))
  const env = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name.toUpperCase(), key]))
  return loadPingKeys(Config.parse({ repositories: {}, pings }).pings, env)
}

it('finds the job of a key, and none for any other', async () => {
  const keys = await load({ a: 'a-key-of-16-chars', b: '0f8fad5b-d9cb-469f-a165-70867728950e' })
  const { nameOf, redact, unusable } = keys
  expect([unusable, unheard(unusable)]).toEqual([[], undefined])
  expect(nameOf('a-key-of-16-chars')).toBe('a')
  expect(nameOf('0f8fad5b-d9cb-469f-a165-70867728950e')).toBe('b')
  for (const wrong of ['', 'a', 'A-KEY-OF-16-CHARS', 'a-key-of-16-chars ', 'x'.repeat(1_000_000)])
    expect(nameOf(wrong)).toBeUndefined()
  expect(redact('+ curl http://host/ping/a-key-of-16-chars/fail')).toBe('+ curl http://host/ping/***/fail')
})

for (const key of ['short', 'fifteen-letters', 'with a space in it', 'with/a/slash/in/it/', 'ümlaut-in-the-key-x'])
  it(`refuses the key ${JSON.stringify(key)}, without saying it`, async () => {
    const keys = await load({ job: key })
    expect(keys.unusable).toMatchObject([{ name: 'job', problem: { code: 'ping.bad-key' } }])
    expect(keys.nameOf(key)).toBeUndefined()
    expect(JSON.stringify([keys, unheard(keys.unusable)])).not.toContain(key)
  })

it('refuses one key for two jobs, for both of them, and keeps all others', async () => {
  const same = 'the-same-key-twice'
  const keys = await load({ a: same, b: 'another-key-of-its-own', c: same, d: '', e: 'a-key-of-the-fifth' })
  expect(keys.unusable).toMatchObject([
    { name: 'a', problem: { code: 'ping.same-key', message: expect.stringContaining('pings.a and pings.c') } },
    { name: 'c', problem: { code: 'ping.same-key', message: expect.stringContaining('pings.c and pings.a') } },
    { name: 'd', problem: { code: expect.stringContaining('secret.') } },
  ])
  expect([same, 'another-key-of-its-own', 'a-key-of-the-fifth'].map(keys.nameOf)).toEqual([undefined, 'b', 'e'])
  expect(keys.redact(same)).toBe('***')
  expect(unheard(keys.unusable)).toMatchObject({
    code: 'ping.same-key',
    message: expect.stringMatching(/^Nobody can tell of pings\.a: .* pings\.c, pings\.d\.$/),
    next: expect.stringContaining('reload'),
  })
})
