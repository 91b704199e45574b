/** Repositories over ssh as a user has them: each restic, names of the user's settings, pins of the configuration, first use. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Ended, jsonLines, main } from '../e2e/workspace.ts'
import { program } from '../real/programs.ts'
import { type Box, host, type KeyName, openBox } from './box.ts'

let box: Box
const pinned = (): string => box.place.at('state', 'known_hosts')
const fingerprint = (key: KeyName): string =>
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

describe('muster hostkeys trust', () => {
  it('never pins what was taken back; keeps what is pinned and shown, and says what it drops', async () => {
    box.configure(at())
    const pin = (...args: readonly string[]): Promise<Ended> => box.muster('hostkeys', 'trust', `${host}:23`, ...args)
    box.know(['@revoked *', 'ed25519'], [`[${host}]:23`, 'rsa'])
    for (const args of [['--yes'], ['--fingerprint', fingerprint('ed25519')]])
      expect(await pin(...args)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/known_hosts:1 says.*@revoked/),
      })
    box.configure(at(), { ssh: { firstUse: 'accept' } })
    expect(await problemOf()).toBe('ok')
    expect(readFileSync(pinned(), 'utf8')).toBe(`[${host}]:23 ${box.publicKey('rsa')}\n`)
    box.know()
    const broken = await pin('--fingerprint', fingerprint('ed25519').toLowerCase().replace('sha256', 'SHA256'))
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a fingerprint') })
    expect((await pin('--fingerprint', fingerprint('ed25519'))).stdout).not.toContain('No longer')
    expect(readFileSync(pinned(), 'utf8').trim().split('\n')).toHaveLength(2)
    await box.serve(23, ['rsa', 'other-ed25519'])
    try {
      const { stdout } = await pin('--fingerprint', fingerprint('other-ed25519'))
      expect(stdout).toContain(`No longer pinned: ED25519 ${fingerprint('ed25519')}`)
      expect(readFileSync(pinned(), 'utf8')).toContain(`[${host}]:23 ${box.publicKey('rsa')}\n`)
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
  })
})

describe("the user's settings of ssh", () => {
  it('may be silent, and may hold options that this ssh does not know', async () => {
    writeFileSync(box.ssh('config'), 'IgnoreUnknown UseKeychain\nHost *\n  UseKeychain yes\n  LogLevel QUIET\n', {
      mode: 0o600,
    })
    box.configure(at())
    expect(await trust()).toMatchObject({ code: 0 })
    expect(await problemOf()).toBe('ok')
    await box.serve(23, ['other-ed25519'])
    try {
      expect(await problemOf()).toBe('restic.host-key')
      const { stdout } = await box.muster('run')
      // Of the advice of ssh nothing is left: it would undo what is pinned.
      expect(stdout).toContain('shows a host key that is not the known one')
      expect(stdout).not.toMatch(/ssh-keygen|known_hosts/)
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
  })
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
    // One that is not known any more is named, by whoever looks.
    box.know(['box.test', 'other-rsa'])
    expect((await box.muster('doctor', '--json')).stdout).toContain('ssh.jump-host-key')
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
      // An agent that holds another key does not help.
      const agent = [
        'ssh-agent',
        'sh',
        '-c',
        'ssh-add -q "$1"; shift; exec "$@"',
        'sh',
        box.place.at('keys', 'other-ed25519'),
      ]
      const held = await box.run([...agent, process.execPath, main, 'doctor', '--json'])
      expect(held.stdout).toContain('ssh.passphrase')
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
    expect(refused.stdout).toContain(`muster hostkeys trust ${host}:23`)
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

describe('an authority of host keys', () => {
  const authority = (names: string): string => `@cert-authority ${names} ${box.publicKey('other-rsa')}`
  const serveCertified = async (): Promise<void> => {
    const key = box.place.at('keys', 'other-ed25519')
    execFileSync(
      program('ssh-keygen'),
      ['-q', '-s', box.place.at('keys', 'other-rsa'), '-I', 'box', '-h', '-n', host, `${key}.pub`],
      { stdio: 'pipe' },
    )
    await box.serve(23, ['other-ed25519'], 'commands', [`HostCertificate ${key}-cert.pub`])
  }

  it('in the file of Muster is none of its own: told, trusted by nobody, and gone when the server is pinned anew', async () => {
    box.configure(at())
    expect(await trust()).toMatchObject({ code: 0 })
    expect(await problemOf()).toBe('ok')
    const before = readFileSync(pinned(), 'utf8')
    appendFileSync(pinned(), `${authority('*')}\n`)
    try {
      await serveCertified()
      expect(await problemOf()).toBe('ssh.pins-changed')
      const { stdout } = await box.muster('doctor')
      expect(stdout).toContain('changed by something else than Muster: new an authority of host keys, RSA SHA256:')
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
    expect(await problemOf()).toBe('ssh.pins-changed')
    expect(await trust()).toMatchObject({ code: 0 })
    expect(readFileSync(pinned(), 'utf8').split('\n').sort()).toEqual(before.split('\n').sort())
    expect(await problemOf()).toBe('ok')
  })
  it('in the configuration counts, for the servers it speaks of', async () => {
    box.configure(at(), { ssh: { knownHosts: [authority('[*.your-storagebox.de]:23')] } })
    try {
      await serveCertified()
      expect(await problemOf()).toBe('ok')
      const { stdout } = await box.muster('doctor')
      expect(stdout).toContain('0 errors')
      expect(stdout).toContain('names an authority that vouches for the host keys')
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
    expect(await problemOf()).toBe('restic.host-key')
  })
})

describe('rclone, which speaks ssh itself,', () => {
  const rclone = program('rclone-1.75')
  const configured = (more: object = {}): object => ({
    tool: 'rclone',
    url: 'tree:nas',
    program: rclone,
    password: undefined,
    config: { file: box.place.at('rclone.conf') },
    // A refused key is refused again.
    environment: { RCLONE_LOW_LEVEL_RETRIES: '1', RCLONE_RETRIES: '1' },
    ...more,
  })
  const remotes = (...lines: readonly string[]): void =>
    writeFileSync(
      box.place.at('rclone.conf'),
      [
        `[tree]\ntype = union\nupstreams = "inner:" ${box.place.at('second')}:ro\n`,
        `[inner]\ntype = alias\nremote = box:${box.place.at('tree')}\n`,
        `[box]\ntype = sftp\nhost = ${host}\nuser = ${box.user}\nshell_type = none\n${lines.join('\n')}\n`,
      ].join('\n'),
    )
  const run = async (...args: readonly string[]): Promise<{ code: string; text: string }> => {
    const { stdout } = await box.muster('run', '--json', ...args)
    const { problem, ...rest } = jsonLines(stdout).findLast(({ type }) => type === 'run') as unknown as {
      problem?: { code: string; message: string; next: string }
      outcome: string
    }
    return { code: problem?.code ?? rest.outcome, text: `${problem?.message} ${problem?.next}` }
  }

  it('reaches what is pinned alone: unknown, exchanged and rewritten keys are told as of any other tool', async () => {
    rmSync(box.place.at('tree'), { recursive: true, force: true })
    mkdirSync(box.place.at('tree'))
    chmodSync(box.place.at('tree'), 0o777)
    mkdirSync(box.place.at('second'), { recursive: true })
    remotes('port = 23', `key_file = ${box.ssh('id_ed25519')}`)
    box.configure(configured())
    expect(await run('--init')).toMatchObject({
      code: 'ssh.host-key-unknown',
      text: expect.stringContaining(`muster hostkeys trust ${host}:23`),
    })
    // What rclone would ask for by itself is RSA.
    await box.muster('hostkeys', 'trust', `${host}:23`, '--fingerprint', fingerprint('ed25519'))
    box.configure(configured({ program: program('rclone-1.60') }))
    const old = await run('--init')
    expect(old.code).toBe('rclone.host-key')
    expect(old.text).toContain(`muster hostkeys trust ${host}:23`)
    expect(old.text).toContain('rclone before 1.')
    box.configure(configured())
    expect(await run('--init')).toMatchObject({ code: 'ok' })
    const before = readFileSync(pinned(), 'utf8')
    await box.serve(23, ['other-ed25519'])
    try {
      expect(await run()).toMatchObject({
        code: 'rclone.host-key',
        text: expect.stringContaining(`muster hostkeys scan ${host}:23`),
      })
      writeFileSync(pinned(), `[${host}]:23 ${box.publicKey('other-ed25519')}\n`)
      expect(await run()).toMatchObject({ code: 'ssh.pins-changed' })
      expect((await box.muster('doctor', '--json')).stdout).toContain('ssh.pins-changed')
    } finally {
      writeFileSync(pinned(), before)
      await box.serve(23, ['rsa', 'ed25519'])
    }
    expect(await run()).toMatchObject({ code: 'ok' })
  })

  it('takes port, key and pins of the configuration, and no keys of its own', async () => {
    remotes()
    const knownHosts = [`[${host}]:23 ${box.publicKey('ed25519')}`, `[${host}]:23 ${box.publicKey('rsa')}`]
    box.configure(configured({ ssh: { port: 23, knownHosts } }))
    const nobody = await run('--init')
    expect(nobody).toMatchObject({ code: 'rclone.no-login', text: expect.stringContaining('ssh.identity') })
    expect((await box.muster('doctor', '--json')).stdout).toContain('ssh.no-identity')
    box.configure(configured({ ssh: { port: 23, knownHosts, identity: '~/.ssh/id_ed25519' } }))
    expect(await run('--init')).toMatchObject({ code: 'ok' })
    expect(existsSync(pinned())).toBe(false)
    const url = `box,known_hosts_file="${box.place.at('any')}":${box.place.at('tree')}/nas`
    box.configure(configured({ url, ssh: { port: 23, knownHosts } }))
    expect(await run()).toMatchObject({ code: 'ssh.own-host-keys' })
  })

  it('is no way around for restic', async () => {
    remotes('port = 23', `key_file = ${box.ssh('id_ed25519')}`)
    writeFileSync(box.place.at('path'), box.place.at('rclone.conf'))
    box.configure({
      url: `rclone:box:${box.place.at('tree')}/restic`,
      environment: { RCLONE_CONFIG: { file: box.place.at('path') }, RCLONE_LOW_LEVEL_RETRIES: '1' },
      options: [`rclone.program=${rclone}`],
    })
    expect(await run('--init')).toMatchObject({ code: 'ssh.host-key-unknown' })
    expect(await trust()).toMatchObject({ code: 0 })
    expect(await run('--init')).toMatchObject({ code: 'ok' })
    await box.serve(23, ['other-ed25519'])
    try {
      expect(await run()).toMatchObject({ code: 'restic.host-key' })
    } finally {
      await box.serve(23, ['rsa', 'ed25519'])
    }
  })
})
