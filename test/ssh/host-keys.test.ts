/**
 * A server with RSA alone at port 22, and RSA and Ed25519 at 23, as a storage box: what becomes of the user's own file of host
 * keys, whether `doctor` foretells it, and that Muster never changes it and never takes a wrong key. With real OpenSSH.
 */
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deep } from '../real/deep.ts'
import { until } from '../real/wait.ts'
import { type Box, host, type KeyName, openBox } from './box.ts'

/** Of each version of OpenSSH. */
const turns = deep ? 500 : 40

const versions = [
  ['of Debian 12', ''],
  ['the newest', '-10'],
] as const

/** All that can be told from outside of a file, but when it was read. */
const stateOf = (path: string): string => {
  const { ino, mtimeMs, mode } = statSync(path)
  return `${ino} ${mtimeMs} ${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
}

const codesOf = (stdout: string): string[] =>
  [
    ...new Set(
      (JSON.parse(stdout) as { code?: string }[]).flatMap(({ code }) => (code?.startsWith('ssh.') ? [code] : [])),
    ),
  ].sort()

for (const [words, openssh] of versions)
  describe(`with OpenSSH, ${words}`, () => {
    let box: Box
    const at23 = (): object => ({ url: `sftp://${box.user}@${host}:23/${box.place.at('repository')}` })
    const doctor = async (): Promise<string[]> => codesOf((await box.muster('doctor', '--json')).stdout)
    const pinned = (): string => box.place.at('state', 'known_hosts')
    const collect = async (): Promise<string> => {
      const { stdout } = await box.muster('collect', '--json')
      const [standing] = JSON.parse(stdout) as { lastReading: { problem?: { code: string } } }[]
      return standing?.lastReading.problem?.code ?? 'ok'
    }

    beforeAll(async () => {
      box = await openBox(openssh)
      await box.serve(22, ['rsa'], 'sftp')
      await box.serve(23, ['rsa', 'ed25519'])
      box.configure(at23())
      expect(await box.muster('hostkeys', 'trust', `${host}:23`, '--yes')).toMatchObject({ code: 0 })
      expect(await box.muster('run', '--init', '--quiet')).toMatchObject({ code: 0 })
    })
    afterAll(() => box?.[Symbol.asyncDispose]())

    it('is the version that is meant', async () => {
      const { stderr } = await box.run(['ssh', '-V'])
      expect(stderr).toMatch(openssh === '' ? /OpenSSH_9\.2/ : /OpenSSH_(?:1[0-9]|[2-9]\d)\./)
    })

    describe("the user's own file", () => {
      /** As a person does it by hand. */
      const own = (port: number, ...rest: string[]): Promise<{ code: number | null }> =>
        box.run([
          'ssh',
          '-o',
          'BatchMode=yes',
          '-o',
          'StrictHostKeyChecking=yes',
          '-l',
          box.user,
          '-p',
          String(port),
          ...rest,
        ])
      const cases: {
        name: string
        lines: (readonly [string, KeyName])[]
        hashed?: true
        config?: string
        file?: string
        codes: string[]
      }[] = [
        { name: 'A, RSA without a port', lines: [[host, 'rsa']], codes: ['ssh.type-not-known'] },
        {
          name: 'B, both without a port',
          lines: [
            [host, 'rsa'],
            [host, 'ed25519'],
          ],
          codes: ['ssh.bare-name', 'ssh.would-remove'],
        },
        {
          name: 'C, as B with UpdateHostKeys=no',
          lines: [
            [host, 'rsa'],
            [host, 'ed25519'],
          ],
          config: `Host ${host}\n  UpdateHostKeys no\n`,
          codes: ['ssh.bare-name'],
        },
        {
          name: 'D, a line for each port',
          lines: [
            [host, 'rsa'],
            [`[${host}]:23`, 'ed25519'],
          ],
          codes: [],
        },
        {
          name: 'E, as B with hashed names',
          lines: [
            [host, 'rsa'],
            [host, 'ed25519'],
          ],
          hashed: true,
          codes: ['ssh.bare-name', 'ssh.would-remove'],
        },
        {
          name: 'F, as B in a file that the settings name',
          lines: [
            [host, 'rsa'],
            [host, 'ed25519'],
          ],
          config: 'Host *\n  UserKnownHostsFile ~/.ssh/other_hosts\n',
          file: 'other_hosts',
          codes: ['ssh.bare-name'],
        },
        {
          name: 'G, a wrong key for the port, the right one without',
          lines: [
            [host, 'ed25519'],
            [`[${host}]:23`, 'other-ed25519'],
          ],
          codes: ['ssh.own-key-differs'],
        },
        {
          name: 'H, as B, and a line for the port',
          lines: [
            [host, 'rsa'],
            [host, 'ed25519'],
            [`[${host}]:23`, 'ed25519'],
          ],
          codes: [],
        },
        {
          name: 'I, the name of another on the same line',
          lines: [
            [host, 'rsa'],
            [`${host},alias.test`, 'ed25519'],
          ],
          codes: ['ssh.bare-name', 'ssh.would-remove'],
        },
        {
          name: 'with both ports on one line, which protects nothing',
          lines: [
            [host, 'rsa'],
            [`${host},[${host}]:23`, 'ed25519'],
          ],
          codes: ['ssh.would-remove'],
        },
        {
          name: 'with three names on a line, which is left alone',
          lines: [
            [host, 'rsa'],
            [`${host},alias.test,more.test`, 'ed25519'],
          ],
          codes: ['ssh.bare-name'],
        },
        {
          name: 'with a wildcard, which is left alone',
          lines: [
            [host, 'rsa'],
            ['*.your-storagebox.de', 'ed25519'],
          ],
          codes: ['ssh.bare-name'],
        },
      ]
      for (const { name, lines, hashed, config, file = 'known_hosts', codes } of cases)
        it(`${name}: ${codes.join(', ') || 'nothing to say'}, and so it comes`, async () => {
          writeFileSync(box.ssh('config'), config ?? '', { mode: 0o600 })
          box.know(...lines)
          if (file !== 'known_hosts') copyFileSync(box.ssh(), box.ssh(file))
          if (hashed) await box.run(['ssh-keygen', '-q', '-H', '-f', box.ssh()])
          await box.run(['rm', '-f', box.ssh('known_hosts.old')])
          const before = stateOf(box.ssh(file))
          expect(await doctor()).toEqual(codes)
          expect(await collect()).toBe('ok')
          // All that Muster did left it as it was.
          expect(stateOf(box.ssh(file))).toBe(before)
          expect(existsSync(box.ssh('known_hosts.old'))).toBe(false)
          // And what was foretold happens: a command at 23, files at 22.
          const refused = codes.some((code) => code === 'ssh.type-not-known' || code === 'ssh.own-key-differs')
          expect((await own(23, host, 'df')).code).toBe(refused ? 255 : 0)
          await own(22, '-s', host, 'sftp')
          expect(stateOf(box.ssh(file)) === before).toBe(!codes.includes('ssh.would-remove'))
          if (!codes.includes('ssh.would-remove')) return
          expect((await own(23, host, 'df')).code).toBe(255)
          // Afterwards the lost key is found in the old file, and Muster goes on all the same.
          expect(await doctor()).toEqual(['ssh.lost-key', 'ssh.type-not-known'])
          expect(await collect()).toBe('ok')
        })
    })

    describe('the keys that Muster pinned', () => {
      beforeAll(async () => {
        writeFileSync(box.ssh('config'), '', { mode: 0o600 })
        box.know()
        await box.run(['rm', '-f', box.ssh('known_hosts.old'), box.ssh('other_hosts')])
      })

      it('one that was exchanged is refused and explained, until a person names the new one', async () => {
        await box.serve(23, ['other-rsa', 'other-ed25519'])
        expect(await collect()).toBe('restic.host-key')
        expect(await doctor()).toEqual(['ssh.host-key-changed'])
        const before = readFileSync(pinned(), 'utf8')
        const refused = await box.muster('hostkeys', 'trust', `${host}:23`, '--yes')
        expect(refused).toMatchObject({ code: 1 })
        expect(refused.stderr).toMatch(/another one is pinned.*\n.*--fingerprint SHA256:/)
        expect(readFileSync(pinned(), 'utf8')).toBe(before)
        const [, fingerprint = ''] = /--fingerprint (SHA256:\S+?)`/.exec(refused.stderr) ?? []
        expect(await box.muster('hostkeys', 'trust', `${host}:23`, '--fingerprint', fingerprint)).toMatchObject({
          code: 0,
        })
        expect(await collect()).toBe('ok')
        await box.serve(23, ['rsa', 'ed25519'])
        expect(await collect()).toBe('restic.host-key')
        await box.run(['rm', pinned()])
        // Not silently: the file is gone, and that was not Muster.
        expect(await collect()).toBe('ssh.pins-changed')
        expect(await box.muster('hostkeys', 'trust', `${host}:23`, '--yes')).toMatchObject({ code: 0 })
        expect(await collect()).toBe('ok')
      })

      it('a type that the server no longer has is told; the others do', async () => {
        await box.serve(23, ['rsa'])
        expect(await doctor()).toEqual(['ssh.host-key-gone'])
        expect(await collect()).toBe('ok')
        await box.serve(23, ['rsa', 'ed25519'])
        expect(await doctor()).toEqual([])
      })

      it('a file that somebody rewrote is not trusted, though the server shows that very key', async () => {
        const before = readFileSync(pinned(), 'utf8')
        await box.serve(23, ['other-ed25519'])
        writeFileSync(pinned(), `[${host}]:23 ${box.publicKey('other-ed25519')}\n`)
        expect(await doctor()).toEqual(['ssh.pins-changed'])
        expect(await collect()).toBe('ssh.pins-changed')
        expect(await box.muster('hostkeys', 'show')).toMatchObject({
          code: 4,
          stdout: expect.stringContaining('changed by something else'),
        })
        writeFileSync(pinned(), before)
        await box.serve(23, ['rsa', 'ed25519'])
        expect(await collect()).toBe('ok')
      })

      it('a file that anybody may write to is told', async () => {
        chmodSync(pinned(), 0o666)
        expect(await doctor()).toEqual(['ssh.file-mode'])
        chmodSync(pinned(), 0o600)
      })

      it('a running Muster tells of a foreign change within a minute', async () => {
        box.configure({ ...at23(), read: { every: '6h' } }, { server: { listen: '127.0.0.1:9121' } })
        const server = box.start([
          process.execPath,
          new URL('../../src/main.ts', import.meta.url).pathname,
          'serve',
          '--quiet',
        ])
        const codes = async (): Promise<string> => (await box.run([process.execPath, '-e', scrape])).stdout
        try {
          await until('the first reading', async () => /up\{[^}]*\} 1/.test(await codes()), 40_000)
          const before = readFileSync(pinned(), 'utf8')
          writeFileSync(pinned(), '')
          await until('the alarm', async () => (await codes()).includes('code="ssh.pins-changed"'), 60_000)
          writeFileSync(pinned(), before)
          await until('the end of it', async () => /up\{[^}]*\} 1/.test(await codes()), 60_000)
        } finally {
          server.kill('SIGTERM')
          await until('the end of serve', () => server.exitCode !== null || server.signalCode !== null)
          box.configure(at23())
        }
      })
    })

    it(`${turns} runs by turns leave the user's file as it is, and take no wrong key`, {
      timeout: 400_000,
    }, async () => {
      box.configure({ space: { by: 'df' }, url: `sftp://${box.user}@${host}/${box.place.at('repository')}` })
      expect(await box.muster('hostkeys', 'trust', host, '--yes')).toMatchObject({ code: 0 })
      box.know([host, 'rsa'], [host, 'ed25519'])
      const before = stateOf(box.ssh())
      const ours = stateOf(pinned())
      const alternate = async (runs: number) =>
        box.run([
          process.execPath,
          new URL('alternate.ts', import.meta.url).pathname,
          box.place.at('muster.yaml'),
          String(runs),
        ])
      const { stdout, stderr } = await alternate(turns)
      expect(stderr).toBe('')
      expect(JSON.parse(stdout)).toEqual({ runs: turns, problems: [] })
      expect(stateOf(box.ssh())).toBe(before)
      expect(stateOf(pinned())).toBe(ours)
      expect(existsSync(box.ssh('known_hosts.old'))).toBe(false)
      await box.serve(22, ['other-rsa'], 'sftp')
      await box.serve(23, ['other-rsa', 'other-ed25519'])
      const wrong = JSON.parse((await alternate(20)).stdout) as { problems: string[] }
      expect(wrong.problems.map((one) => one.replace(/^\d+: /, ''))).toEqual(
        Array.from({ length: 10 }, () => ['restic.host-key', 'space.host-key']).flat(),
      )
    })
  })

const scrape = `fetch('http://127.0.0.1:9121/metrics').then((answer) => answer.text()).then((text) =>
  console.log(text.split('\\n').filter((line) => /^muster_repository_(up|problem)\\{/.test(line)).join('\\n')), () => {})`
