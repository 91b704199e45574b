/** What the contract of tools does not ask for: borg's own ways, with real programs. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { tool } from '../../src/sources/tools/borg/index.ts'
import type { BackupResult, RepositoryAccess, SurveyWish } from '../../src/sources/tools/tool.ts'
import { killGroup } from '../../src/system/pids.ts'
import { backupSpec, password, quiet } from '../contracts/tool.contract.ts'
import { makePlace, type Place } from '../real/place.ts'
import { until } from '../real/wait.ts'
import { accessOf, baseOf, borgUnderTest, holdLock, versions } from './under-test.ts'

const all: SurveyWish = { known: new Set(), locks: true, size: false }

describe.each(versions)('borg %s', (version) => {
  let template: Place
  let place: Place
  let access: RepositoryAccess

  beforeAll(async () => {
    template = makePlace()
    mkdirSync(template.at('source'))
    writeFileSync(template.at('source', 'file'), 'content')
    expect(await tool.init(accessOf(version, template.at('repository'), password), quiet())).toMatchObject({
      outcome: 'ok',
    })
  })
  afterAll(() => template?.[Symbol.dispose]())
  beforeEach(() => {
    place = makePlace()
    cpSync(template.path, place.path, { recursive: true })
    rmSync(baseOf(place.at('repository')), { recursive: true })
    access = accessOf(version, place.at('repository'), password)
    return () => place[Symbol.dispose]()
  })

  const with_ = (more: object): RepositoryAccess => ({ ...access, own: { ...access.own, ...more } })
  const backup = (own: object = {}, more: object = {}): Promise<BackupResult> =>
    tool.backup(access, backupSpec([place.at('source')], { host: 'h1', own: { ...own }, ...more }), quiet())
  const seen = async (of = access, wish: Partial<SurveyWish> = {}) => {
    const found = await tool.survey?.(of, { ...all, ...wish }, quiet())
    if (found?.ok !== true) throw new Error(found?.problem.message)
    return found.value
  }
  const codeOf = async (of: RepositoryAccess): Promise<string> => {
    const found = await tool.snapshots(of, quiet())
    return found.ok ? 'none' : found.problem.code
  }
  /** borg itself, as another client. */
  const client = (args: readonly string[], env: object = {}) =>
    spawnSync(access.program ?? '', args, {
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        PATH: process.env.PATH,
        BORG_BASE_DIR: place.at('client'),
        BORG_REPO: access.url.reveal(),
        BORG_PASSPHRASE: password,
        ...env,
      },
    })

  it('counts what is new, changed and unmodified', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(place.at('source', name), name)
    // What changed within the tick of the newest file is read again; so that one is another.
    const newest = (): number => lstatSync(place.at('source', 'z')).ctimeMs
    const before = Math.max(...['file', 'a', 'b', 'c'].map((name) => lstatSync(place.at('source', name)).ctimeMs))
    await until('the next tick', () => {
      writeFileSync(place.at('source', 'z'), 'z')
      return newest() > before
    })
    expect(await backup()).toMatchObject({ counters: { filesNew: 5, filesChanged: 0, filesUnmodified: 0 } })
    appendFileSync(place.at('source', 'a'), 'more')
    writeFileSync(place.at('source', 'new'), 'new')
    const { counters, outcome } = await backup()
    expect([outcome, counters]).toMatchObject(['ok', { filesChanged: 1, processedFiles: 6 }])
    // The newest may have been read again; the three older ones were not.
    expect(counters?.filesUnmodified).toBeGreaterThanOrEqual(3)
    expect((counters?.filesNew ?? 0) + (counters?.filesUnmodified ?? 0)).toBe(5)
    expect(counters?.filesNew).toBeGreaterThanOrEqual(1)
  })

  it('reads beside whoever holds the lock, and writes nothing into the repository', async () => {
    await backup()
    await using _ = await holdLock(access)
    // Whoever takes it like this writes a little before it waits.
    await seen()
    const tree = treeOf(place.at('repository'))
    expect(await seen(access, { size: true })).toMatchObject({ fresh: [{ host: 'h1' }], locks: [{ exclusive: true }] })
    expect(await tool.files(access, (await seen()).ids[0] ?? '', 9, quiet())).toMatchObject({ ok: true })
    expect(treeOf(place.at('repository'))).toEqual(tree)
  })

  it('starts no program where nothing changed, and looks into what is new alone', async () => {
    const first = await backup()
    const spawned: string[] = []
    const look = async (known: readonly string[]) => {
      spawned.length = 0
      const onSpawn = (pid: number): void => {
        spawned.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
      }
      const wish = { known: new Set(known), locks: true, size: false, trustTimes: true }
      const found = await tool.survey?.(access, wish, { ...quiet(), onSpawn })
      if (found?.ok !== true) throw new Error(found?.problem.message)
      return found.value
    }
    expect(await look([])).toMatchObject({ ids: [first.snapshotId], fresh: [{ id: first.snapshotId }] })
    expect(spawned.length).toBe(2)
    const quietLook = await look([first.snapshotId ?? ''])
    expect(quietLook).toMatchObject({ ids: [first.snapshotId], fresh: [], repositoryId: expect.any(String) })
    expect(spawned).toEqual([])
    expect(client(['create', '::other-1', place.at('source')]).status).toBe(0)
    const later = await look([first.snapshotId ?? ''])
    expect(later).toMatchObject({ ids: [first.snapshotId, expect.any(String)], fresh: [{ name: 'other-1', files: 1 }] })
    expect(spawned.length).toBe(2)
    expect(client(['delete', '::other-1']).status).toBe(0)
    expect(await look(later.ids)).toMatchObject({ ids: [first.snapshotId], fresh: [] })
  })

  it('reads beside a backup that holds the cache, without the sizes', async () => {
    expect(client(['create', '::other', place.at('source')]).status).toBe(0)
    writeFileSync(place.at('source', 'much'), randomBytes(16 * 1024 * 1024))
    let child = 0
    const onSpawn = (pid: number): void => {
      child = pid
    }
    const stopped = new Promise<void>((resolve) => {
      const onProgress = (): void => {
        // It takes the cache before it reports for the first time.
        killGroup(child, 'SIGSTOP')
        resolve()
      }
      const spec = backupSpec([place.at('source')], { own: { compression: 'lzma,6' } })
      void tool.backup(access, spec, { ...quiet(), onSpawn, onProgress })
    })
    await stopped
    try {
      const { fresh, sizeBytes } = await seen(access, { size: true })
      expect(sizeBytes).toBeUndefined()
      const [archive] = fresh
      expect(archive).toMatchObject({ name: 'other', paths: [place.at('source')] })
      expect(archive?.sizeBytes).toBeUndefined()
    } finally {
      killGroup(child, 'SIGKILL')
    }
  })

  it('measures the newest of many new archives alone', async () => {
    for (let count = 10; count < 32; count += 1)
      expect(
        client(['create', `--timestamp=2026-01-01T00:00:${count}`, `::n${count}`, place.at('source')]).status,
      ).toBe(0)
    const { fresh, ids } = await seen()
    expect([fresh.length, ids.length]).toEqual([22, 22])
    expect(fresh.map(({ name }) => name)).toEqual(fresh.map((_, at) => `n${10 + at}`))
    expect(fresh.filter(({ sizeBytes }) => sizeBytes === 7).length).toBe(20)
    // Those in between are asked for by name.
    const known = new Set(ids.filter((_, at) => at !== 3 && at !== 5))
    expect((await seen(access, { known })).fresh).toMatchObject([
      { name: 'n13', sizeBytes: 7 },
      { name: 'n15', sizeBytes: 7 },
    ])
  }, 60_000)

  it('reads the times of clients in any zone as they were', async () => {
    for (const zone of ['America/St_Johns', 'Asia/Kathmandu', 'UTC'])
      expect(client(['create', `::${zone.slice(-3)}-{now}`, place.at('source')], { TZ: zone }).status).toBe(0)
    const { fresh } = await seen()
    expect(fresh.length).toBe(3)
    for (const { takenAt, finishedAt, offsetMinutes } of fresh) {
      expect(Math.abs(Date.now() - takenAt.getTime())).toBeLessThan(60_000)
      expect(finishedAt?.getTime()).toBeGreaterThanOrEqual(takenAt.getTime())
      expect(offsetMinutes).toBe(0 - takenAt.getTimezoneOffset())
    }
  })

  it('tells a forged time', async () => {
    expect(client(['create', '--timestamp=2031-01-02T03:04:05', '::f', place.at('source')], { TZ: 'UTC' }).status).toBe(
      0,
    )
    expect((await seen()).fresh).toMatchObject([{ takenAt: new Date('2031-01-02T03:04:05Z') }])
  })

  it('gives archives of others the host and the sources that borg knows', async () => {
    expect(client(['create', '--comment', 'muster of my own', '::x', place.at('source')]).status).toBe(0)
    const [archive] = (await seen()).fresh as [Snapshot]
    const host = hostname().split('.')[0]
    expect(archive).toMatchObject({ name: 'x', host, tags: [], paths: [place.at('source')], sizeBytes: 7, files: 1 })
  })

  it('is asked nothing: what would be a question is a problem that names the setting', async () => {
    await backup()
    expect(await codeOf({ ...access, password: new Secret('wrong wrong') })).toBe('borg.password')
    const { password: _, ...without } = access
    expect(await codeOf(without)).toBe('borg.no-password')
    renameSync(place.at('repository'), place.at('moved'))
    const moved = { ...access, url: new Secret(place.at('moved')) }
    expect(await codeOf(moved)).toBe('borg.relocated')
    expect(await codeOf({ ...moved, own: { ...access.own, relocated: true } })).toBe('none')
    const plain = { ...without, url: new Secret(place.at('plain')), own: { ...access.own, unencrypted: true } }
    expect(await tool.init(plain, quiet())).toMatchObject({ outcome: 'ok' })
    const stranger = { ...plain, own: { baseDir: place.at('elsewhere') } }
    expect(await codeOf(stranger)).toBe('borg.unencrypted')
    expect(await codeOf({ ...stranger, own: { ...stranger.own, unencrypted: true } })).toBe('none')
  })

  it('makes no repository without a passphrase, nor where its parent is missing', async () => {
    const { password: _, ...without } = { ...access, url: new Secret(place.at('new')) }
    expect(await tool.init(without, quiet())).toMatchObject({ problem: { code: 'borg.no-password' } })
    const deep = { ...access, url: new Secret(place.at('a', 'b', 'c')) }
    expect(await tool.init(deep, quiet())).toMatchObject({ problem: { code: 'borg.parent-missing' } })
    expect([existsSync(place.at('new')), existsSync(place.at('a'))]).toEqual([false, false])
  })

  it('opens with the key file it is told of, and says when the key is missing', async () => {
    const own = { ...access.own, encryption: 'keyfile-blake2' }
    const keyed = { ...access, url: new Secret(place.at('keyed')), own }
    expect(await tool.init(keyed, quiet())).toMatchObject({ outcome: 'ok' })
    const keys = join(baseOf(place.at('repository')), '.config', 'borg', 'keys')
    const [name = ''] = readdirSync(keys)
    renameSync(join(keys, name), place.at('the.key'))
    expect(await codeOf(keyed)).toBe('borg.key')
    expect(await codeOf({ ...keyed, own: { ...own, keyFile: place.at('the.key') } })).toBe('none')
  })

  it('notices that an older copy was put back', async () => {
    await backup()
    cpSync(place.at('repository'), place.at('older'), { recursive: true })
    await backup()
    expect(await codeOf(access)).toBe('none')
    rmSync(place.at('repository'), { recursive: true })
    renameSync(place.at('older'), place.at('repository'))
    expect(await codeOf(access)).toBe('borg.rolled-back')
    expect(await backup()).toMatchObject({ outcome: 'failed', problem: { code: 'borg.rolled-back' } })
  })

  it('tells another repository by its id', async () => {
    const { repositoryId } = await seen()
    rmSync(place.at('repository'), { recursive: true })
    expect(await tool.init(access, quiet())).toMatchObject({ outcome: 'ok' })
    const now = await seen()
    expect(now.repositoryId).toMatch(/^[0-9a-f]{64}$/)
    expect(now.repositoryId).not.toBe(repositoryId)
  })

  it('names a full store, a store it may not write to, and an empty folder in its place', async () => {
    writeFileSync(place.at('source', 'much'), randomBytes(3_000_000))
    const limited = place.at('limited')
    writeFileSync(limited, `#!/bin/sh\nulimit -f 2000\nexec '${access.program}' "$@"\n`, { mode: 0o755 })
    const full = await tool.backup({ ...access, program: limited }, backupSpec([place.at('source')]), quiet())
    expect(full).toMatchObject({ outcome: 'failed', problem: { code: 'borg.store-full' } })
    const other = borgUnderTest(version).unprivileged(access, place)
    chmodSync(place.at('repository'), 0o555)
    for (const entry of ['data', 'config', 'README']) chmodSync(place.at('repository', entry), 0o555)
    const denied = await tool.backup(other, backupSpec([place.at('source', 'file')]), quiet())
    expect(denied).toMatchObject({ outcome: 'failed', problem: { code: 'borg.denied' } })
    mkdirSync(place.at('empty'))
    expect(await codeOf({ ...access, url: new Secret(place.at('empty')) })).toBe('borg.no-repository')
  })

  it('goes on after a backup was killed at any moment', async () => {
    for (let block = 0; block < 4; block += 1) appendFileSync(place.at('source', 'much'), randomBytes(4 * 1024 * 1024))
    for (let moment = 0; moment < 6; moment += 1) {
      let child = 0
      const onSpawn = (pid: number): void => {
        child = pid
        setTimeout(() => killGroup(child, 'SIGKILL'), 120 + moment * 60)
      }
      const spec = backupSpec([place.at('source')], { host: 'h1', own: { compression: 'lzma,6' } })
      const killed = await tool.backup(access, spec, { ...quiet(), onSpawn })
      expect(killed).toMatchObject({ outcome: 'failed', problem: { code: 'borg.killed' } })
      expect(await backup({}, { sources: [place.at('source', 'file')] })).toMatchObject({ outcome: 'ok' })
    }
    expect(await tool.check(access, {}, quiet())).toMatchObject({ outcome: 'ok' })
  }, 60_000)

  it('gives two backups of one second two names, and says when a name is too coarse', async () => {
    const [one, two] = [await backup(), await backup()]
    expect([one.outcome, two.outcome]).toEqual(['ok', 'ok'])
    expect(await backup({ archiveName: 'y-{now:%Y}' })).toMatchObject({ outcome: 'ok' })
    expect(await backup({ archiveName: 'y-{now:%Y}' })).toMatchObject({
      outcome: 'failed',
      problem: { code: 'borg.archive-exists' },
    })
  })

  it('forgets what the job can have made, and nothing that merely looks like it', async () => {
    const names = ['h1-db-2026-01-02T03:04:05', 'h1-2026-01-02', 'xh1-2026-01-02T03:04:05', 'h1-2026-01-02T03:04:05x']
    for (const name of names) expect(client(['create', `::${name}`, place.at('source')]).status).toBe(0)
    await backup()
    await backup()
    const keep = { retention: { group: [], keepLast: 1, keepTags: [] }, host: 'h1', tags: [], paths: [] } as const
    const spec = { ...keep, dryRun: false, own: {} }
    expect(await tool.forget(access, spec, quiet())).toMatchObject({ outcome: 'ok', kept: 1, removed: [{}] })
    const left = (await seen()).fresh.map(({ name }) => name)
    expect(left).toEqual(expect.arrayContaining(names))
    expect(left.length).toBe(names.length + 1)
  })

  it('checks for a time, and in parts', async () => {
    await backup()
    expect(await tool.check(with_({ checkFor: 5_000 }), {}, quiet())).toMatchObject({ outcome: 'ok' })
    expect(await tool.check(with_({ checkOnly: 'archives' }), {}, quiet())).toMatchObject({ outcome: 'ok' })
    expect(await tool.check(access, { readData: '5%' }, quiet())).toMatchObject({
      outcome: 'failed',
      problem: { code: 'borg.refused-argument' },
    })
  })

  it('finds a segment that is missing, and takes that for damage', async () => {
    writeFileSync(place.at('source', 'much'), randomBytes(1_000_000))
    await backup()
    const segments = readdirSync(place.at('repository', 'data', '0')).map((name) =>
      place.at('repository', 'data', '0', name),
    )
    const [largest = ''] = segments.sort((a, b) => lstatSync(b).size - lstatSync(a).size)
    rmSync(largest)
    const found = await tool.check(access, {}, quiet())
    expect(found).toMatchObject({ outcome: 'failed', problem: { code: 'borg.damaged' } })
    expect(found.findings.length).toBeGreaterThan(0)
  })

  it('refuses further arguments that would take the backup out of its hands', async () => {
    expect(await backup({ extraArgs: ['--noatime', '--files-cache=disabled'] })).toMatchObject({ outcome: 'ok' })
    for (const argument of ['--stats', '--tim=2020-01-01T00:00:00', '--comment=x', '-n', '/etc'])
      expect(await backup({ extraArgs: [argument] })).toMatchObject({ problem: { code: 'borg.refused-argument' } })
  })

  it('knows a borg of another kind', async () => {
    writeFileSync(place.at('borg2'), '#!/bin/sh\necho borg 2.0.0b14\n', { mode: 0o755 })
    const beta = await tool.version({ program: place.at('borg2') }, quiet())
    expect(beta).toMatchObject({ ok: false, problem: { code: 'borg.version', context: { version: '2.0.0b14' } } })
    writeFileSync(place.at('other'), '#!/bin/sh\necho something else\n', { mode: 0o755 })
    utimesSync(place.at('other'), 1, 1)
    expect(await tool.version({ program: place.at('other') }, quiet())).toMatchObject({
      problem: { code: 'borg.output' },
    })
  })
})

/** Every file below with its size and time. */
function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mtimeMs, ino } = lstatSync(join(folder, name))
      return `${name} ${size} ${mtimeMs} ${ino}`
    })
    .sort()
}
