import { expect, it } from 'vitest'
import { Config } from '../../config/schema.ts'
import { loadPingKeys } from './keys.ts'

const load = (keys: Record<string, string>) => {
  const pings = Object.fromEntries(Object.keys(keys).map((name) => [name, { key: { env: name.toUpperCase() } }]))
  const env = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name.toUpperCase(), key]))
  return loadPingKeys(Config.parse({ repositories: {}, pings }).pings, env)
}

it('finds the job of a key, and none for any other', async () => {
  const keys = await load({ a: 'a-key-of-16-chars', b: '0f8fad5b-d9cb-469f-a165-70867728950e' })
  if (!keys.ok) throw new Error(keys.problem.message)
  const { nameOf, redact } = keys.value
  expect(nameOf('a-key-of-16-chars')).toBe('a')
  expect(nameOf('0f8fad5b-d9cb-469f-a165-70867728950e')).toBe('b')
  for (const wrong of ['', 'a', 'A-KEY-OF-16-CHARS', 'a-key-of-16-chars ', 'x'.repeat(1_000_000)])
    expect(nameOf(wrong)).toBeUndefined()
  expect(redact('+ curl http://host/ping/a-key-of-16-chars/fail')).toBe('+ curl http://host/ping/***/fail')
})

for (const key of ['short', 'fifteen-letters', 'with a space in it', 'with/a/slash/in/it/', 'ümlaut-in-the-key-x'])
  it(`refuses the key ${JSON.stringify(key)}, without saying it`, async () => {
    const keys = await load({ job: key })
    expect(keys).toMatchObject({ ok: false, problem: { code: 'ping.bad-key' } })
    expect(JSON.stringify(keys)).not.toContain(key)
  })

it('refuses one key for two jobs', async () => {
  expect(await load({ a: 'the-same-key-twice', b: 'the-same-key-twice' })).toMatchObject({
    ok: false,
    problem: { code: 'ping.same-key', message: expect.stringContaining('pings.b and pings.a') },
  })
})
