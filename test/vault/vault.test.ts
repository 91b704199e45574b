/** Secrets from Vault, against a stand-in written from the API documents. */

import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type VaultOptions, vaultProvider } from '../../src/config/secrets/vault/index.ts'
import { SecretSource } from '../../src/model/secret-source.ts'
import { makePlace, type Place } from '../real/place.ts'
import { askOf, makeStandIn, type ServedStandIn, type StandIn, serveStandIn } from './stand-in.ts'

const canary = 'CANARY-4711'
const fixtures = join(import.meta.dirname, '../readers/fixtures')

let place: Place
let vault: StandIn
let served: ServedStandIn
let env: NodeJS.ProcessEnv
beforeEach(async () => {
  place = makePlace()
  vault = makeStandIn()
  vault.mounts.kv = {
    version: 2,
    secrets: { 'service/backups/one': { key: `${canary}-key`, other: `${canary}-other` } },
  }
  vault.mounts.old = {
    version: 1,
    secrets: { one: { password: `${canary}-password`, id: 'x' }, single: { whatever: canary } },
  }
  vault.addToken('root-token', { ttl: 0 })
  served = await serveStandIn(vault)
  env = { VAULT_ADDR: served.address, VAULT_TOKEN: 'root-token' }
})
afterEach(async () => {
  await served[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

const timers: VaultOptions['after'] = () => () => {}
const open = (options: Partial<VaultOptions> = {}) => vaultProvider({ timeLimitMs: 5_000, after: timers, ...options })
const settings = (given: object) => SecretSource.parse(given) as Parameters<ReturnType<typeof open>['load']>[0]

async function value(given: object, provider = open(), more: { remembered?: boolean } = {}): Promise<string> {
  const loaded = await provider.load(settings(given), { env, ...more })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem))
  expect(inspect(loaded, { depth: 9 })).not.toContain('CANARY')
  return loaded.value.secret.reveal()
}

async function refusal(given: object, provider = open()) {
  const loaded = await provider.load(settings(given), { env })
  if (loaded.ok) throw new Error('it was there')
  expect(loaded.problem.message).toMatch(/^Credential unavailable: /)
  expect(loaded.problem.message + loaded.problem.next).not.toMatch(/\{[a-z]+\}/)
  expect(inspect(loaded, { depth: 9 })).not.toMatch(/CANARY|root-token|secret-1/)
  return loaded.problem
}

const one = { vault: 'service/backups/one' }

describe('a secret in Vault', () => {
  it('is found in a store of version 2 and of version 1, without being told which', async () => {
    expect(await value(one)).toBe(`${canary}-key`)
    expect(await value({ vault: '/one', mount: 'old' })).toBe(`${canary}-password`)
    expect(await value({ vault: 'one', mount: 'old', version: 1 })).toBe(`${canary}-password`)
  })

  it('is found by trying where a token may not ask for the version', async () => {
    vault.hidesMounts = true
    expect(await value(one)).toBe(`${canary}-key`)
    expect(await value({ vault: 'one', mount: 'old' })).toBe(`${canary}-password`)
  })

  it('is the named key, in any case, or the only one', async () => {
    expect(await value({ ...one, key: 'OTHER' })).toBe(`${canary}-other`)
    expect(await value({ vault: 'single', mount: 'old' })).toBe(canary)
    expect((await refusal({ ...one, key: 'none' })).code).toBe('vault.no-key')
  })

  it('comes by AppRole, whose ids may stand in files that are gone later', async () => {
    writeFileSync(place.at('role'), 'role-1\n', { mode: 0o600 })
    writeFileSync(place.at('secret'), 'secret-1\n', { mode: 0o600 })
    env = { VAULT_ADDR: served.address, VAULT_ROLE_ID_FILE: place.at('role'), VAULT_SECRET_ID_FILE: place.at('secret') }
    const provider = open()
    expect(await value(one, provider)).toBe(`${canary}-key`)
    rmSync(place.at('role'))
    rmSync(place.at('secret'))
    expect(await value(one, provider)).toBe(`${canary}-key`)
    expect(vault.asked.filter((asked) => asked.endsWith('login'))).toHaveLength(1)
  })

  it('is asked for in a namespace', async () => {
    vault.namespace = 'team/a'
    env.VAULT_NAMESPACE = 'team/a'
    expect(await value(one)).toBe(`${canary}-key`)
  })

  it('is asked for over https by the authority in VAULT_CACERT alone', async () => {
    const tls = { key: readFileSync(join(fixtures, 'server.key')), cert: readFileSync(join(fixtures, 'server.pem')) }
    await using secure = await serveStandIn(vault, tls)
    env.VAULT_ADDR = secure.address
    expect((await refusal(one)).code).toBe('vault.unreachable')
    env.VAULT_CACERT = join(fixtures, 'authority.pem')
    expect(await value(one)).toBe(`${canary}-key`)
  })

  it('is remembered for those who look again, until it is forgotten; a run asks', async () => {
    const provider = open()
    expect(await value(one, provider, { remembered: true })).toBe(`${canary}-key`)
    vault.mounts.kv = { version: 2, secrets: { 'service/backups/one': { key: 'rotated' } } }
    expect(await value(one, provider, { remembered: true })).toBe(`${canary}-key`)
    expect(await value(one, provider)).toBe('rotated')
    vault.mounts.kv = { version: 2, secrets: { 'service/backups/one': { key: 'again' } } }
    provider.forget?.()
    expect(await value(one, provider, { remembered: true })).toBe('again')
  })

  it('is asked for once by many at the same time, with one login', async () => {
    env = { VAULT_ADDR: served.address, VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'secret-1' }
    const provider = open()
    await Promise.all(Array.from({ length: 20 }, () => value(one, provider)))
    expect(vault.asked.filter((asked) => asked.endsWith('login'))).toHaveLength(1)
  })

  it('leaves nothing on disk', async () => {
    await value(one)
    expect(readdirSync(place.path)).toEqual([])
  })
})

describe('a credential is unavailable, and says why', () => {
  it('when nothing is set', async () => {
    env = {}
    expect((await refusal(one)).code).toBe('vault.no-address')
    env = { VAULT_ADDR: 'vault.example.com:8200' }
    expect((await refusal(one)).code).toBe('vault.bad-address')
    env = { VAULT_ADDR: served.address }
    expect((await refusal(one)).code).toBe('vault.no-login')
  })

  it('when Vault is sealed', async () => {
    vault.sealed = true
    expect(await refusal(one)).toMatchObject({ code: 'vault.sealed', retry: 'soon' })
  })

  it('when the token has ended or was revoked, before and during the work', async () => {
    const provider = open()
    await value(one, provider)
    vault.tokens.clear()
    expect((await refusal(one, provider)).code).toBe('vault.token')
    expect((await refusal(one)).code).toBe('vault.token')
    vault.addToken('root-token', { ttl: 0 })
    expect(await value(one, provider)).toBe(`${canary}-key`)
  })

  it('when the path is denied, the secret missing, its newest version deleted', async () => {
    vault.denied.add('kv/data/service/backups/one')
    expect((await refusal(one)).code).toBe('vault.denied')
    expect((await refusal({ vault: 'none' })).code).toBe('vault.missing')
    expect((await refusal({ vault: 'x', mount: 'nowhere' })).code).toBe('vault.denied')
  })

  it('when the role is refused', async () => {
    env = { VAULT_ADDR: served.address, VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'spent' }
    expect((await refusal(one)).code).toBe('vault.login')
  })

  it('when Vault is not there, slow, or something else', async () => {
    const silent = createServer((request, response) => {
      if (request.url?.includes('slow')) return
      response.end('<html>a login page</html>')
    })
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    env.VAULT_ADDR = `${address}/slow`
    expect((await refusal(one, open({ timeLimitMs: 200 }))).code).toBe('vault.slow')
    env.VAULT_ADDR = address
    expect((await refusal(one)).code).toBe('vault.unexpected')
    silent.closeAllConnections()
    silent.close()
    await once(silent, 'close')
    expect(await refusal(one)).toMatchObject({ code: 'vault.unreachable', retry: 'soon' })
  })
})

/** Timers of a clock that only this test moves. */
class Clock {
  now = 0
  #timers: { at: number; then: () => void }[] = []

  readonly after: VaultOptions['after'] = (ms, then) => {
    const timer = { at: this.now + ms, then }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer)
    }
  }

  async moveTo(end: number): Promise<void> {
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.now = next.at
      this.#timers = this.#timers.filter((one) => one !== next)
      next.then()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.now = end
  }
}

describe('a lease', () => {
  for (const lease of [
    { ttl: 600, renewable: true },
    { ttl: 600, renewable: true, maxTtl: 1500 },
    { ttl: 600, renewable: false },
  ])
    it(`is held for 1,000 lifetimes without a gap: ${JSON.stringify(lease)}`, async () => {
      const clock = new Clock()
      const role = makeStandIn(() => clock.now)
      Object.assign(role.role, { lease })
      role.mounts.kv = { version: 2, secrets: { one: { key: canary } } }
      env = { VAULT_ADDR: 'http://vault.example.com', VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'secret-1' }
      const provider = open({ after: clock.after, ask: askOf(role) })
      await value({ vault: 'one' }, provider)
      for (let at = 1; at <= 1_000; at++) {
        await clock.moveTo(at * 600_000)
        const before = role.asked.length
        expect(await value({ vault: 'one' }, provider)).toBe(canary)
        // The token in hand was good: nothing but the secret was asked for.
        expect(role.asked.slice(before)).toEqual(['GET kv/data/one'])
      }
    })

  it('of a given token is renewed while Vault allows it, and its end is told', async () => {
    const clock = new Clock()
    const given = makeStandIn(() => clock.now)
    given.mounts.kv = { version: 2, secrets: { one: { key: canary } } }
    given.addToken('mine', { ttl: 600, renewable: true, maxTtl: 3600 })
    env = { VAULT_ADDR: 'http://vault.example.com', VAULT_TOKEN: 'mine' }
    const provider = open({ after: clock.after, ask: askOf(given) })
    await value({ vault: 'one' }, provider)
    await clock.moveTo(3_590_000)
    expect(await value({ vault: 'one' }, provider)).toBe(canary)
    await clock.moveTo(3_600_000)
    expect((await refusal({ vault: 'one' }, provider)).code).toBe('vault.token')
  })
})
