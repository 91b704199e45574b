/** borg behind a real sshd. */

import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import { tool } from '../../src/sources/tools/borg/index.ts'
import type { RepositoryAccess } from '../../src/sources/tools/tool.ts'
import { isAlive, killOne, processesOfSession } from '../../src/system/pids.ts'
import { backupSpec, password, quiet } from '../contracts/tool.contract.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { until } from '../real/wait.ts'
import { type Served, serveBorg } from './sshd.ts'
import { accessOf, versions } from './under-test.ts'

describe.each(versions)('borg %s behind ssh', (version) => {
  let place: Place
  let served: Served
  let access: RepositoryAccess

  beforeEach(async () => {
    place = makePlace()
    mkdirSync(place.at('source'))
    writeFileSync(place.at('source', 'file'), 'content')
    served = await serveBorg(place, program(`borg-${version}`))
    const local = accessOf(version, place.at('repository'), password)
    access = {
      ...local,
      url: new Secret(served.url(place.at('repository'))),
      ssh: served.ssh,
      own: { ...local.own, remotePath: served.remotePath },
    }
    expect(await tool.init(access, quiet())).toMatchObject({ outcome: 'ok' })
  })
  afterEach(async () => {
    await served?.[Symbol.asyncDispose]()
    place[Symbol.dispose]()
  })
  const spec = () => backupSpec([place.at('source')], { host: 'h1', tags: ['daily'] })

  it('backs up, lists, forgets, prunes, checks and restores', async () => {
    const made = await tool.backup(access, spec(), quiet())
    expect(made).toMatchObject({ outcome: 'ok', counters: { processedFiles: 1 } })
    expect(await tool.survey?.(access, { known: new Set(), locks: true, size: true }, quiet())).toMatchObject({
      ok: true,
      value: {
        ids: [made.snapshotId],
        fresh: [{ id: made.snapshotId, host: 'h1', tags: ['daily'], paths: [place.at('source')], files: 1 }],
        repositoryId: expect.stringMatching(/^[0-9a-f]{64}$/),
        sizeBytes: expect.any(Number),
      },
    })
    const keep = { retention: { group: [], keepLast: 1, keepTags: [] }, host: 'h1', tags: [], paths: [] } as const
    expect(await tool.forget(access, { ...keep, dryRun: false, own: {} }, quiet())).toMatchObject({
      outcome: 'ok',
      kept: 1,
      removed: [],
    })
    expect(await tool.prune(access, {}, quiet())).toMatchObject({ outcome: 'ok' })
    expect(await tool.check(access, { readData: 'all' }, quiet())).toMatchObject({ outcome: 'ok', findings: [] })
    const restored = { snapshotId: made.snapshotId ?? '', target: place.at('restored'), include: [] }
    expect(await tool.restore(access, restored, quiet())).toMatchObject({ outcome: 'ok' })
  }, 60_000)

  it('names what is wrong with the way there', async () => {
    const code = async (of: RepositoryAccess): Promise<string | undefined> => {
      const listed = await tool.snapshots(of, quiet())
      return listed.ok ? 'none' : listed.problem.code
    }
    const own = (more: object): RepositoryAccess => ({ ...access, own: { ...access.own, ...more } })
    const at = (url: string): RepositoryAccess => ({ ...access, url: new Secret(url) })
    expect(await code(at(served.url(place.at('elsewhere'))))).toBe('borg.no-repository')
    expect(await code(own({ remotePath: '/nonexistent/borg' }))).toBe('borg.no-remote-borg')
    expect(await code(at('ssh://nobody@host.invalid/x'))).toBe('borg.network')
    expect(await code(at('ssh://nobody@127.0.0.1:1/x'))).toBe('borg.network')
    served.mistrust()
    expect(await code(access)).toBe('borg.host-key')
  }, 60_000)

  it('names a login that the server refuses', async () => {
    served.refuse()
    const listed = await tool.snapshots(access, quiet())
    expect(listed).toMatchObject({ ok: false, problem: { code: 'borg.denied' } })
  })

  it('ends a backup whose server froze, and leaves no process here', async () => {
    for (let block = 0; block < 32; block += 1) appendFileSync(place.at('source', 'much'), randomBytes(4 * 1024 * 1024))
    let [child, frozen] = [0, 0]
    const onSpawn = (pid: number): void => {
      child = pid
    }
    const onProgress = (): void => {
      frozen = served.pids().at(-1) ?? 0
      killOne(frozen, 'SIGSTOP')
    }
    const startedAt = performance.now()
    const io = { ...quiet(), stallLimitMs: 3_000, onSpawn, onProgress }
    const made = await tool.backup(access, backupSpec([place.at('source')]), io)
    expect(made).toMatchObject({ outcome: 'timed-out', problem: { code: 'borg.stalled' } })
    expect(performance.now() - startedAt).toBeLessThan(3_000 + 20_000)
    expect(isAlive(child)).toBe(false)
    expect(processesOfSession(child)).toEqual([])
    // Woken, it finds that nobody is there any more, and gives its lock back.
    killOne(frozen, 'SIGCONT')
    await until('the server to end', () => !isAlive(frozen))
    expect(await tool.backup(access, spec(), quiet())).toMatchObject({ outcome: 'ok' })
  }, 90_000)

  it('leaves locks there alone, and says so', async () => {
    expect(await tool.locks(access, quiet())).toMatchObject({ ok: false, problem: { code: 'borg.locks-unknown' } })
    expect(await tool.unlock(access, () => true, quiet())).toMatchObject({ outcome: 'failed', removed: 0 })
  })
})
