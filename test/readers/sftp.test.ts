/** SFTP over the system's ssh: a repository of restic's own, each way not to get in by its own code, and nothing left behind. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { openStorage } from '../../src/sources/storage/open.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { accessTo, causeOf, goodReading, readingOf } from './reading.ts'
import { freePort } from './servers.ts'
import { type ServedSftp, serveSshd, sshOptions, trust } from './sftp.ts'

let place: Place
let server: ServedSftp
beforeAll(async () => {
  place = makePlace()
  mkdirSync(place.at('repository'))
  server = await serveSshd(place.at('repository'), place.at('keys'))
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  place?.[Symbol.dispose]()
})
afterEach(() => trust(place.at('keys'), server.port, 'host'))

const access = (more: Partial<RepositoryAccess> & { readonly to?: string } = {}): RepositoryAccess => ({
  ...accessTo(more.to ?? server.url),
  options: server.options,
  ...more,
})

/** Programs that were started with a word of our own among their arguments. */
const running = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
    } catch {
      return false
    }
  })

describe('a repository that restic wrote over SFTP', () => {
  beforeAll(async () => {
    // The user of the server writes, whose folder it is.
    chmodSync(place.at('repository'), 0o777)
    mkdirSync(place.at('source'))
    writeFileSync(place.at('source', 'file'), 'content')
    for (const args of [['init'], ['backup', '--host', 'alpha', place.at('source')]]) {
      const child = spawn(program('restic-0.18'), [...args, '-o', server.options[0] ?? ''], {
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          HOME: place.path,
          RESTIC_REPOSITORY: server.url,
          RESTIC_PASSWORD: 'pw',
          RESTIC_CACHE_DIR: place.at('cache'),
        },
      })
      expect(await once(child, 'exit')).toEqual([0, null])
    }
  })

  it('is read, and no ssh is left', async () => {
    const read = await goodReading(access(), { size: true })
    expect(read).toMatchObject({ fresh: [{ host: 'alpha' }], locks: [], sizeBytes: expect.any(Number) })
    expect(await goodReading(access(), { known: read.snapshotIds })).toMatchObject({ requests: 2, fresh: [] })
    await until('ssh to end', () => running(`${server.port}\0-l`).length === 0)
  })

  it('is read by a command of the user', async () => {
    const [, words = ''] = server.options[0]?.split('sftp.args=') ?? []
    const command = `sftp.command=ssh 127.0.0.1 -p ${server.port} -l ${new URL(server.url).username} ${words} -s sftp`
    // The host of the address does not count then.
    const to = `sftp:elsewhere.invalid:${place.at('repository')}`
    expect(await causeOf(access({ to, options: [command] }))).toBe('ok')
  })

  it('shows nothing of its secrets to ssh', async () => {
    const seen = place.at('seen')
    const script = place.at('look')
    writeFileSync(
      script,
      `#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/environ > ${seen}\ntr '\\0' ' ' < /proc/$$/cmdline >> ${seen}\n`,
      {
        mode: 0o755,
      },
    )
    const secrets = accessTo(server.url, 'canary-password', { AWS_SECRET_ACCESS_KEY: 'canary-key' })
    await causeOf({ ...secrets, options: [`sftp.command=${script}`] }, { timeLimitMs: 1_000 })
    expect(readFileSync(seen, 'utf8')).toContain('PATH=')
    expect(readFileSync(seen, 'utf8')).not.toMatch(/canary|AWS_/)
  })
})

describe('a server that does not let us in', () => {
  const said = async (one: RepositoryAccess, limitMs = 20_000): Promise<string> => {
    const read = await readingOf(one, { timeLimitMs: limitMs })
    return read.ok ? 'ok' : `${read.problem.code}: ${read.problem.message}`
  }

  it('has another host key, or an unknown one', async () => {
    trust(place.at('keys'), server.port, 'other')
    expect(await said(access())).toMatch(/^restic.host-key: .*the host key has changed/)
    trust(place.at('keys'), server.port)
    expect(await said(access())).toMatch(/^restic.host-key: .*the host key is not known/)
  })
  it('does not know our key', async () => {
    expect(await said(access({ options: sshOptions(place.at('keys'), 'other') }))).toMatch(
      /^restic.denied: .*not let in/,
    )
  })
  it('is not there', async () => {
    const port = await freePort()
    expect(await said(access({ to: `sftp://nobody@127.0.0.1:${port}//x` }))).toMatch(/^restic.network: .*refused/)
    expect(await said(access({ to: 'sftp://nobody@name.invalid//x' }))).toMatch(/^restic.network: .*cannot be resolved/)
  })
  it('has no such folder', async () => {
    expect(await said(access({ to: `${server.url}/elsewhere` }))).toMatch(/^restic.no-repository/)
  })
  it('would be an option of ssh', async () => {
    expect(await said(access({ to: 'sftp:-oProxyCommand=touch /tmp/never:/x' }))).toMatch(/^restic.denied/)
    expect(await said(access({ to: 'sftp://-oProxyCommand=x/x' }))).not.toBe('ok')
  })
  it('prints something else', async () => {
    const script = place.at('talks')
    writeFileSync(script, '#!/bin/sh\necho Welcome to this machine, dear user\nexec sleep 60\n', { mode: 0o755 })
    expect(await said(access({ options: [`sftp.command=${script}`] }))).toMatch(/^reader.unsupported: .*no SFTP/)
    expect(await said(access({ options: ['sftp.command=/nonexistent/ssh'] }))).toMatch(/^reader.unsupported: .*ENOENT/)
    await until('sleep to end', () => running('talks').length === 0)
  })
})

describe('a server that stops', () => {
  it('is given up after the limit of silence, with its ssh', async () => {
    const stopped = place.at('stops')
    writeFileSync(stopped, '#!/bin/sh\nkill -STOP $$\n', { mode: 0o755 })
    const meter = { requests: 0, bytes: 0 }
    const io = { signal: new AbortController().signal, meter, silenceLimitMs: 200 }
    const one = { url: new Secret(server.url), environment: {}, options: [`sftp.command=${stopped}`] }
    const opened = await openStorage(one, io)
    if (!opened.ok) throw new Error(opened.fault.detail)
    const startedAt = performance.now()
    const listed = await opened.value.list('keys')
    expect(listed).toEqual({ ok: false, fault: { kind: 'unreachable', detail: 'silent for 0.2 s' } })
    await opened.value[Symbol.asyncDispose]()
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    await until('the stopped program to end', () => running('stops').length === 0)
  })

  it('is given up when the time is up, or when cancelled', async () => {
    const silent = place.at('silent')
    writeFileSync(silent, '#!/bin/sh\nexec sleep 77\n', { mode: 0o755 })
    const one = access({ options: [`sftp.command=${silent}`] })
    expect(await causeOf(one, { timeLimitMs: 300 })).toBe('restic.timed-out')
    expect(await causeOf(one, { signal: AbortSignal.timeout(300) })).toBe('restic.interrupted')
    await until('sleep to end', () => running('sleep\x0077').length === 0)
  })
})
