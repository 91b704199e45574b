/** Destinations behind rclone's own servers. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/rclone/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { backupSpec, quiet } from '../contracts/tool.contract.ts'
import { account, bucket, serveS3 } from '../readers/s3.ts'
import { serveByRclone } from '../readers/servers.ts'
import { serveRcloneSftp } from '../readers/sftp.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessOf, versions } from './under-test.ts'

let place: Place
beforeEach(() => {
  place = makePlace()
  mkdirSync(place.at('source', 'folder'), { recursive: true })
  mkdirSync(place.at('served'))
  for (const file of ['one', 'folder/two', 'folder/three'])
    writeFileSync(place.at('source', file), `content of ${file}`)
})
afterEach(() => place[Symbol.dispose]())

const own = { mode: 'sync', backupDir: { keep: 7 * 24 * 3_600_000 } }

/** The life of a destination, from its making to a restore. */
async function live(access: RepositoryAccess): Promise<void> {
  const spec = backupSpec([place.at('source')], { own })
  expect(await tool.backup(access, spec, quiet())).toMatchObject({ problem: { code: 'rclone.no-repository' } })
  expect(await tool.init(access, quiet())).toMatchObject({ outcome: 'ok' })
  const made = await tool.backup(access, spec, quiet())
  expect(made).toMatchObject({ outcome: 'ok', counters: { filesNew: 3, processedFiles: 3 } })
  writeFileSync(place.at('source', 'one'), 'another content')
  const second = await tool.backup(access, spec, quiet())
  expect(second).toMatchObject({ outcome: 'ok', counters: { processedFiles: 3, filesUnmodified: 2 } })
  expect(second.snapshotId).not.toBe(made.snapshotId)
  const listed = await tool.survey?.(
    access,
    { known: new Set([made.snapshotId ?? '']), locks: true, size: true },
    quiet(),
  )
  expect(listed).toMatchObject({
    ok: true,
    value: { ids: [expect.stringMatching(/^\d{8}$/), second.snapshotId], fresh: [{}, { files: 3 }], locks: [] },
  })
  const target = place.at('target')
  const restored = await tool.restore(
    access,
    { snapshotId: second.snapshotId ?? '', target, include: ['one'] },
    quiet(),
  )
  expect(restored).toMatchObject({ outcome: 'ok' })
}

for (const version of versions)
  describe(`rclone ${version}`, () => {
    it('keeps a tree on a WebDAV server, which has no checksums, and says that it cannot verify it', async () => {
      await using served = await serveByRclone('webdav', place.at('served'), ['--user', 'u', '--pass', 'canary-pass'])
      // As rclone writes passwords into addresses; anybody can turn it back.
      const obscured = obscure(version, 'canary-pass')
      const access = accessOf(version, `:webdav,url="http://127.0.0.1:${served.port}",user=u,pass="${obscured}":nas`)
      await live(access)
      const against = [{ spec: backupSpec([place.at('source')], { own }) }]
      expect(await tool.check(access, { against }, quiet())).toMatchObject({
        outcome: 'warning',
        problem: { code: 'rclone.cannot-verify' },
      })
      expect(await tool.check(access, { against, readData: 'all' }, quiet())).toMatchObject({ outcome: 'ok' })
      const seen = await whatOthersSee(access)
      expect(seen).toContain('muster_destination')
      expect(seen).not.toContain(obscured)
    })

    it('keeps a tree on an SFTP server whose key it knows, and trusts no other', async () => {
      await using served = await serveRcloneSftp(place.at('served'), place.at('keys'))
      const url = `:sftp,host=127.0.0.1,port=${served.port},user=anybody,key_file="${place.at('keys', 'client')}",shell_type=none:nas`
      const ssh = (knownHosts: string) => ({ argv: ['ssh'], knownHosts, hosts: [] })
      await live(accessOf(version, url, { ssh: ssh(place.at('keys', 'known_hosts')) }))
      writeFileSync(place.at('nobody'), '')
      expect(await tool.snapshots(accessOf(version, url, { ssh: ssh(place.at('nobody')) }), quiet())).toMatchObject({
        ok: false,
        problem: { code: 'rclone.host-key', retry: 'never' },
      })
    })

    it('watches a tree on an HTTP server, and cannot write there', async () => {
      mkdirSync(place.at('served', 'nas'))
      writeFileSync(place.at('served', 'nas', 'file'), 'text')
      await using served = await serveByRclone('http', place.at('served'))
      const access = accessOf(version, `:http,url="http://127.0.0.1:${served.port}":nas`)
      expect(await tool.snapshots(access, quiet())).toMatchObject({ ok: true, value: [{ files: 1, sizeBytes: 4 }] })
      const made = await tool.backup(access, backupSpec([place.at('source')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed' })
    })
  })

describe('crypt remotes', () => {
  for (const version of versions)
    it(`are verified by their own checksums with rclone ${version}`, async () => {
      const config = place.at('rclone.conf')
      const password = obscure(version, 'of the files')
      writeFileSync(
        config,
        `[plain]\ntype = alias\nremote = ${place.at('served')}\n\n[secret]\ntype = crypt\nremote = plain:\npassword = ${password}\n`,
      )
      const access = accessOf(version, 'secret:nas', { config })
      await live(access)
      const spec = backupSpec([place.at('source')], { own })
      expect(await tool.check(access, { against: [{ spec }] }, quiet())).toMatchObject({ outcome: 'ok', findings: [] })
      writeFileSync(place.at('source', 'folder', 'two'), 'content of folder/2wo')
      expect(await tool.check(access, { against: [{ spec }] }, quiet())).toMatchObject({
        outcome: 'failed',
        problem: { code: 'rclone.damaged' },
        findings: [join('folder', 'two differs')],
      })
    })
})

const obscure = (version: string, text: string): string =>
  execFileSync(program(`rclone-${version}`), ['obscure', text], { encoding: 'utf8' }).trim()

/** What any user of this machine may read about the running rclone. */
async function whatOthersSee(access: RepositoryAccess): Promise<string> {
  const seen: string[] = []
  const onSpawn = (pid: number): void => {
    seen.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  }
  await tool.backup(access, backupSpec([place.at('source')], { own }), { ...quiet(), onSpawn })
  return seen.join('\n')
}

describe('a bucket, which keeps no folders', () => {
  for (const version of versions)
    it(`holds a tree and its dated folders with rclone ${version}`, async () => {
      await using served = await serveS3(place.at('served'), true)
      const options = `provider=Other,endpoint="http://127.0.0.1:${served.port}",force_path_style=true,region=us-east-1,env_auth=true`
      const environment = Object.fromEntries(Object.entries(account).map(([name, value]) => [name, new Secret(value)]))
      const access = accessOf(version, `:s3,${options}:${bucket}/nas`, { environment })
      const spec = backupSpec([place.at('source')], { own })
      const made = await tool.backup(access, spec, quiet())
      expect(made).toMatchObject({ outcome: 'ok', counters: { filesNew: 3 } })
      writeFileSync(place.at('source', 'one'), 'another content')
      const second = await tool.backup(access, spec, quiet())
      expect(second).toMatchObject({ outcome: 'ok', counters: { processedFiles: 3 } })
      const listed = await tool.snapshots(access, quiet())
      expect(listed).toMatchObject({
        ok: true,
        value: [{ id: expect.stringMatching(/^\d{8}$/) }, { id: second.snapshotId, files: 3 }],
      })
      // The time of the upload, not that of the file.
      const at = listed.ok ? (listed.value[1]?.takenAt.getTime() ?? 0) : 0
      expect(Math.abs(Date.now() - at)).toBeLessThan(120_000)
      expect(await tool.check(access, { against: [{ spec }] }, quiet())).toMatchObject({ outcome: 'ok', findings: [] })
    })
})
