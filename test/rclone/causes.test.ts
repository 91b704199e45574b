/** Why a run or a look fails, told by the real program: each cause has a code of its own. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/rclone/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { backupSpec, quiet } from '../contracts/tool.contract.ts'
import { makePlace, type Place } from '../real/place.ts'
import { closedPort, serveStore } from '../restic/store-server.ts'
import { accessOf, encrypted, versions } from './under-test.ts'

let place: Place
beforeEach(() => {
  place = makePlace()
  mkdirSync(place.at('source'))
  writeFileSync(place.at('source', 'one'), 'x'.repeat(3_000_000))
})
afterEach(() => place[Symbol.dispose]())

const codeOf = async (access: RepositoryAccess): Promise<string> => {
  const looked = await tool.snapshots(access, quiet())
  return looked.ok ? 'ok' : looked.problem.code
}
const webdav = (port: number, more = ''): string => `:webdav,url="http://127.0.0.1:${port}"${more}:nas`
const answering = (status: number, text = '') =>
  serveStore((_: IncomingMessage, response: ServerResponse) => {
    response.statusCode = status
    response.end(text)
  })

for (const version of versions)
  describe(`rclone ${version} names the cause`, () => {
    const at = (url: string, more: Parameters<typeof accessOf>[2] = {}): RepositoryAccess =>
      accessOf(version, url, {
        ...more,
        environment: { RCLONE_LOW_LEVEL_RETRIES: new Secret('1'), ...more.environment },
      })

    it('a wrong password of the configuration, and none at all', async () => {
      const config = encrypted(place.path)
      mkdirSync(place.at('nas'))
      expect(await codeOf(at(place.at('nas'), { config, password: new Secret('another') }))).toBe('rclone.password')
      expect(await codeOf(at(place.at('nas'), { config }))).toBe('rclone.config-locked')
      expect(await codeOf(at(place.at('nas'), { config, password: new Secret('canary-4f1c-password\n') }))).toBe('ok')
    })

    it('a configuration that is not there, and a remote that is not in it', async () => {
      expect(await codeOf(at('box:nas', { config: place.at('no.conf') }))).toBe('rclone.no-config')
      const looked = await tool.snapshots(at('box:nas'), quiet())
      expect(looked).toMatchObject({ ok: false, problem: { code: 'rclone.no-remote' } })
      expect(JSON.stringify(looked)).not.toContain('muster_destination')
    })

    it('no destination, no source', async () => {
      expect(await codeOf(at(place.at('nas')))).toBe('rclone.no-repository')
      mkdirSync(place.at('nas'))
      const gone = await tool.backup(at(place.at('nas')), backupSpec([place.at('gone')]), quiet())
      expect(gone).toMatchObject({ problem: { code: 'rclone.source-missing' } })
    })

    it('a server that is off, and a name that nobody knows', async () => {
      expect(await codeOf(at(webdav(await closedPort())))).toBe('rclone.network')
      expect(await codeOf(at(':webdav,url="http://nowhere.invalid":nas'))).toBe('rclone.network')
    })

    it('a server without the certificate it should have', async () => {
      await using plain = await answering(200)
      expect(await codeOf(at(`:webdav,url="https://127.0.0.1:${plain.port}":nas`))).toBe('rclone.tls')
    })

    it('a login that is refused', async () => {
      for (const status of [401, 403]) {
        await using store = await answering(status)
        expect(await codeOf(at(webdav(store.port)))).toBe('rclone.denied')
      }
    })

    it('too many requests, and a server that fails', async () => {
      await using busy = await answering(429)
      expect(await codeOf(at(webdav(busy.port)))).toBe('rclone.rate-limited')
      await using failing = await answering(503)
      expect(await codeOf(at(webdav(failing.port)))).toBe('rclone.network')
    })

    it('a token that has expired and is not renewed', async () => {
      await using login = await answering(
        400,
        '{"error":"invalid_grant","error_description":"Token has been revoked."}',
      )
      const config = place.at('drive.conf')
      const token =
        '{"access_token":"canary-a","token_type":"Bearer","refresh_token":"canary-r","expiry":"2020-01-01T00:00:00Z"}'
      const settings = ['[d]', 'type = drive', 'client_id = x', 'client_secret = canary-s', 'scope = drive']
      writeFileSync(
        config,
        [...settings, `token = ${token}`, `token_url = http://127.0.0.1:${login.port}/token`, ''].join('\n'),
      )
      const looked = await tool.snapshots(at('d:nas', { config }), quiet())
      expect(looked).toMatchObject({ ok: false, problem: { code: 'rclone.token-expired', retry: 'never' } })
      expect(JSON.stringify(looked)).not.toContain('canary-')
    })

    it('a disk that is full', async () => {
      mkdirSync(place.at('disk'))
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place.at('disk')])
      try {
        mkdirSync(place.at('disk', 'nas'))
        const made = await tool.backup(at(place.at('disk', 'nas')), backupSpec([place.at('source')]), quiet())
        expect(made).toMatchObject({ outcome: 'failed', problem: { code: 'rclone.store-full' } })
        expect(made.snapshotId).toBeUndefined()
      } finally {
        execFileSync('umount', ['-l', place.at('disk')])
      }
    })

    it('a source around the destination', async () => {
      mkdirSync(place.at('source', 'nas'))
      const spec = backupSpec([place.at('source')], { own: { mode: 'sync' } })
      const made = await tool.backup(at(place.at('source', 'nas')), spec, quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: 'rclone.overlap' } })
    })

    it('limits of the user', async () => {
      mkdirSync(place.at('nas'))
      writeFileSync(place.at('source', 'two'), 'x'.repeat(3_000_000))
      const own = { extraArgs: ['--max-transfer=1M', '--cutoff-mode=hard', '--retries=1'] }
      const made = await tool.backup(at(place.at('nas')), backupSpec([place.at('source')], { own }), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: 'rclone.transfer-limit', retry: 'next-run' } })
    })

    it('an argument it does not know', async () => {
      mkdirSync(place.at('nas'))
      const own = { extraArgs: ['--bogus'] }
      const made = await tool.backup(at(place.at('nas')), backupSpec([place.at('source')], { own }), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: 'rclone.usage' } })
    })
  })
