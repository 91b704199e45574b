/** Repositories over ssh as a user has them: each restic, names of the user's settings, pins of the configuration, first use. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Ended } from '../e2e/workspace.ts'
import { program } from '../real/programs.ts'
import { type Box, host, openBox } from './box.ts'

let box: Box
const pinned = (): string => box.place.at('state', 'known_hosts')
const fingerprint = (key: 'rsa' | 'ed25519' | 'other-rsa'): string =>
  execFileSync(program('ssh-keygen'), ['-lf', box.place.at('keys', `${key}.pub`)], { encoding: 'utf8' }).split(
    ' ',
  )[1] ?? ''
const trust = (): Promise<Ended> => box.muster('hostkeys', 'trust', `${host}:23`, '--yes')
const at = (more: object = {}, path = 'repository'): object => ({
  url: `sftp://${box.user}@${host}:23/${box.place.at(path)}`,
  ...more,
})
const problemOf = async (): Promise<string> => {
  const { stdout } = await box.muster('collect', '--json')
  const [standing] = JSON.parse(stdout) as { lastReading: { problem?: { code: string } } }[]
  return standing?.lastReading.problem?.code ?? 'ok'
}

beforeAll(async () => {
  box = await openBox()
  await box.serve(22, ['rsa'], 'sftp')
  await box.serve(23, ['rsa', 'ed25519'])
  box.configure(at())
  expect(await trust()).toMatchObject({ code: 0 })
  expect(await box.muster('run', '--init', '--quiet')).toMatchObject({ code: 0 })
})
afterAll(() => box?.[Symbol.asyncDispose]())
beforeEach(() => {
  box.know()
  writeFileSync(box.ssh('config'), '', { mode: 0o600 })
  rmSync(box.place.at('state'), { recursive: true, force: true })
})

describe('a server that nobody pinned', () => {
  it('is refused before anything is started, with the command that pins it', async () => {
    // The user's own file knows it; Muster does not depend on that.
    box.know([`[${host}]:23`, 'ed25519'])
    box.configure(at())
    const { code, stdout } = await box.muster('run')
    expect(code).toBe(1)
    expect(stdout).toContain(`Pin it once: \`muster hostkeys trust ${host}:23\``)
    const trusted = await box.muster('hostkeys', 'trust', `${host}:23`)
    expect(trusted).toMatchObject({ code: 0, stdout: expect.stringMatching(/ED25519 .*agrees .*known_hosts:1/) })
    // Only what the user's own file has, as nobody was there to say yes.
    expect(readFileSync(pinned(), 'utf8')).toBe(`[${host}]:23 ${box.publicKey('ed25519')}\n`)
    expect(await problemOf()).toBe('ok')
  })
  it('is pinned unseen only where the configuration says so, and refused when it changes', async () => {
    box.configure(at(), { ssh: { firstUse: 'accept' } })
    expect(await problemOf()).toBe('ok')
    expect(readFileSync(pinned(), 'utf8').trim().split('\n')).toHaveLength(2)
    await box.serve(23, ['other-rsa', 'other-ed25519'])
    try {
      expect(await problemOf()).toBe('restic.host-key')
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
  })
  it('has no key in Muster until a person names one, and never one that it does not show', async () => {
    box.configure(at())
    const unnamed = await box.muster('hostkeys', 'trust', `${host}:23`)
    expect(unnamed).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was changed') })
    expect(existsSync(pinned())).toBe(false)
    const strange = await box.muster(
      'hostkeys',
      'trust',
      `${host}:23`,
      '--fingerprint',
      fingerprint('other-rsa'),
      '--json',
    )
    expect(JSON.parse(strange.stdout)).toMatchObject({ problem: { code: 'ssh.fingerprint-not-shown' } })
    const named = await box.muster('hostkeys', 'trust', `${host}:23`, '--fingerprint', fingerprint('rsa'), '--json')
    expect(JSON.parse(named.stdout)).toMatchObject({ trusted: [{ type: 'RSA', fingerprint: fingerprint('rsa') }] })
    const shown = await box.muster('hostkeys', 'show', '--json')
    expect(JSON.parse(shown.stdout)).toEqual([
      { name: `[${host}]:23`, keys: [{ type: 'RSA', fingerprint: fingerprint('rsa') }], changed: false },
    ])
    // The server offers Ed25519 as well, and first; what is pinned is asked for.
    expect(await problemOf()).toBe('ok')
  })
  it('that does not answer is no server', async () => {
    box.configure(at())
    const { stdout } = await box.muster('hostkeys', 'scan', `${host}:24`, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ problem: { code: 'ssh.unreachable' } })
    expect(await box.muster('hostkeys', 'scan', '-oProxyCommand=x')).toMatchObject({ code: 2 })
    expect((await box.muster('hostkeys', 'scan', 'a b')).stderr).toContain('no name of a server')
  })
})

describe('pins of the configuration', () => {
  it('are all that counts: a fingerprint that fits lets in, another does not', async () => {
    box.configure(at({ ssh: { knownHosts: [fingerprint('ed25519')] } }))
    expect(await problemOf()).toBe('ok')
    expect(readFileSync(pinned(), 'utf8')).toBe(`[${host}]:23 ${box.publicKey('ed25519')}\n`)
    // What was pinned before does not count against what is declared.
    box.configure(at({ ssh: { knownHosts: [fingerprint('other-rsa')] } }))
    expect(await problemOf()).toBe('ssh.fingerprint-differs')
  })
  it('may be lines of known_hosts, for all repositories', async () => {
    box.configure(at(), { ssh: { knownHosts: [`[${host}]:23 ${box.publicKey('rsa')}`] } })
    expect(await problemOf()).toBe('ok')
    expect(existsSync(pinned())).toBe(false)
    box.configure(at(), { ssh: { knownHosts: [`[${host}]:23 ${box.publicKey('other-rsa')}`] } })
    expect(await problemOf()).toBe('restic.host-key')
    box.configure(at(), { ssh: { knownHosts: [`${host} ${box.publicKey('rsa')}`] } })
    // Of another port.
    expect(await problemOf()).toBe('ssh.host-key-unknown')
  })
  it('that are none are told, all of them', async () => {
    box.configure(at({ ssh: { knownHosts: ['box ssh-rsa AAAA'] } }), {
      ssh: { knownHosts: ['SHA256:short', 'SHA256:alone'] },
    })
    const { code, stderr } = await box.muster('config', 'check')
    expect(code).toBe(2)
    expect(stderr.match(/is no pinned host key|does not fit/g)).toHaveLength(3)
  })
})

describe("the user's settings of ssh", () => {
  it('keep working: a name of their own, its port, user and alias of host keys', async () => {
    writeFileSync(
      box.ssh('config'),
      `Host nas\n  HostName ${host}\n  Port 23\n  User ${box.user}\n  HostKeyAlias my-nas\n`,
      { mode: 0o600 },
    )
    box.configure({ url: `sftp:nas:${box.place.at('repository')}` })
    expect(await problemOf()).toBe('ssh.host-key-unknown')
    const trusted = await box.muster('hostkeys', 'trust', 'nas', '--yes')
    expect(trusted.stdout).toContain('known as my-nas')
    expect(await problemOf()).toBe('ok')
  })
  it("may lead through another host, whose line in the user's file stays as it is", async () => {
    writeFileSync(
      box.ssh('config'),
      `Host far\n  HostName ${host}\n  Port 23\n  User ${box.user}\n  ProxyJump ${box.user}@box.test:22\n`,
      { mode: 0o600 },
    )
    await box.serve(22, ['rsa'])
    // Ed25519 is not shown there: an ssh that tidies up would remove it.
    box.know(['box.test', 'rsa'], ['box.test', 'ed25519'])
    const before = readFileSync(box.ssh(), 'utf8')
    box.configure({ url: `sftp:far:${box.place.at('repository')}` })
    expect(await box.muster('hostkeys', 'trust', 'far', '--yes')).toMatchObject({ code: 0 })
    expect(await problemOf()).toBe('ok')
    expect(readFileSync(box.ssh(), 'utf8')).toBe(before)
    await box.serve(22, ['rsa'], 'sftp')
  })
  it('give a key to log in with, or the configuration does', async () => {
    const key = box.ssh('id_ed25519')
    const elsewhere = box.place.at('my key')
    writeFileSync(elsewhere, readFileSync(key), { mode: 0o600 })
    rmSync(key)
    try {
      box.configure(at(), { ssh: { firstUse: 'accept' } })
      expect(await problemOf()).toBe('restic.denied')
      const codes = (await box.muster('doctor', '--json')).stdout
      expect(codes).toContain('ssh.no-identity')
      box.configure(at({ ssh: { identity: elsewhere } }), { ssh: { firstUse: 'accept' } })
      expect(await problemOf()).toBe('ok')
      // Given to restic as well, with a blank in its path.
      expect(await box.muster('run', '--quiet')).toMatchObject({ code: 0 })
      await box.run(['ssh-keygen', '-q', '-p', '-P', '', '-N', 'words', '-f', elsewhere])
      expect((await box.muster('doctor', '--json')).stdout).toContain('ssh.passphrase')
      await box.run(['chmod', '644', elsewhere])
      expect((await box.muster('doctor', '--json')).stdout).toContain('ssh.key-mode')
    } finally {
      writeFileSync(key, readFileSync(box.place.at('keys', 'client')), { mode: 0o600 })
    }
  })
})

describe.each(['0.14', '0.18', '0.19'])('restic %s over SFTP', (version) => {
  it('backs up with the pinned keys alone, and refuses others', async () => {
    const restic = { program: program(`restic-${version}`) }
    box.configure(at(restic))
    expect(await trust()).toMatchObject({ code: 0 })
    expect(await box.muster('run', '--json')).toMatchObject({ code: 0 })
    // A line of the user's own that is right does not help where the pinned one is wrong.
    box.know([`[${host}]:23`, 'ed25519'], [`[${host}]:23`, 'rsa'])
    box.configure(at(restic), { ssh: { knownHosts: [`[${host}]:23 ${box.publicKey('other-rsa')}`] } })
    const refused = await box.muster('run')
    expect(refused.code).toBe(1)
    expect(refused.stdout).toContain('shows a host key that is not the known one')
    expect(refused.stdout).toContain('muster hostkeys trust HOST')
  })
})

describe.each(['0.18', '0.19'])('restic %s with arguments of the user', (version) => {
  it('is given theirs and ours', async () => {
    const options = [`sftp.args=-p 23 -o 'ConnectTimeout=7'`]
    const url = `sftp:${box.user}@${host}:${box.place.at('repository')}`
    box.configure({ program: program(`restic-${version}`), url, options })
    expect(await trust()).toMatchObject({ code: 0 })
    expect(await box.muster('run', '--quiet')).toMatchObject({ code: 0 })
    expect(await problemOf()).toBe('ok')
  })
})
