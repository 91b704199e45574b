/** What every backup tool owes, whichever it is: run with real programs, on local files only. */
import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { BackupCounters } from '../../src/model/run.ts'
import type { BackupSpec, OperationIo, RepositoryAccess, Retention, Tool } from '../../src/sources/tools/tool.ts'
import { isAlive, killGroup } from '../../src/system/pids.ts'
import { makePlace, type Place } from '../real/place.ts'

export interface ToolUnderTest {
  readonly tool: Tool
  /** What `version` has to answer. */
  readonly version: RegExp
  /** The access to a repository in this folder, with this password. */
  access(folder: string, password: string): RepositoryAccess
  /** The same, run by a user for whom modes count; files of the repository and cache already belong to him. */
  unprivileged(access: RepositoryAccess, place: Place): RepositoryAccess
  /** Breaks data of the repository in this folder. */
  damage(folder: string): void
  /** Somebody else at work under an exclusive lock. */
  holdLock(access: RepositoryAccess): Promise<Holder>
  /** Called when the repository in this folder was copied there from elsewhere. */
  copied?(folder: string): void
  /** Settings of a job that make a backup take its time, where limits do not. */
  readonly slowly?: Readonly<Record<string, unknown>>
  /** How listings name a file of the source, and where below its target a restore puts it; default: by its whole path. */
  named?(source: string, path: string): string
  /** Counters of a second backup of three files that nobody touched. */
  readonly again?: BackupCounters
}

/**
 * What a tool has nothing of: `snapshots` of its own (it keeps one tree up to date, named by nobody but its folder), `locks`,
 * more than one of `sources`. Whoever lacks snapshots owes one tree instead.
 */
export type Lack = 'snapshots' | 'locks' | 'sources'

export interface Holder extends AsyncDisposable {
  readonly pid: number
  /** Ends it so that its lock stays. */
  kill(): Promise<void>
}

export const password = 'canary-4f1c-password'

export const quiet = (): OperationIo => ({ signal: new AbortController().signal, timeLimitMs: 60_000 })

export const backupSpec = (sources: readonly string[], more: Partial<BackupSpec> = {}): BackupSpec => ({
  sources,
  exclude: [],
  excludeFile: [],
  excludeIfPresent: [],
  excludeCaches: false,
  oneFileSystem: false,
  tags: [],
  dryRun: false,
  own: {},
  ...more,
})

const keepLast = (count: number): Retention => ({ group: ['host'], keepLast: count, keepTags: [] })

export function toolContract(name: string, make: () => ToolUnderTest, lacks: readonly Lack[] = []): void {
  const has = (what: Lack): boolean => !lacks.includes(what)
  const itWith = (what: Lack, title: string, test: () => Promise<void>): void => {
    if (has(what)) it(title, test)
  }
  const itWithout = (what: Lack, title: string, test: () => Promise<void>): void => {
    if (!has(what)) it(title, test)
  }
  describe(`${name} keeps the contract of tools`, () => {
    let under: ToolUnderTest
    let tool: Tool
    let template: Place
    let place: Place
    let access: RepositoryAccess
    const code = (what: string): string => `${tool.name}.${what}`

    beforeAll(async () => {
      under = make()
      tool = under.tool
      template = makePlace()
      writeSources(template.at('source'))
      const made = await tool.init(under.access(template.at('repository'), password), quiet())
      expect(made).toMatchObject({ outcome: 'ok' })
    })
    afterAll(() => template?.[Symbol.dispose]())

    beforeEach(() => {
      place = makePlace()
      cpSync(template.path, place.path, { recursive: true })
      under.copied?.(place.at('repository'))
      access = under.access(place.at('repository'), password)
      return () => place[Symbol.dispose]()
    })

    const named = (...path: string[]): string =>
      (under.named ?? join)(place.at('source'), path.length === 0 ? '' : join(...path))

    /** Enough data that does not repeat to keep the tool busy for a while. */
    const writeMuch = (): void => {
      for (let block = 0; block < 16; block += 1)
        appendFileSync(place.at('source', 'much'), randomBytes(4 * 1024 * 1024))
    }

    /** Slow enough to be met at work. */
    const slow = { uploadBytesPerSecond: 4 * 1024 * 1024 }
    const slowSpec = (): BackupSpec => backupSpec([place.at('source')], { own: under.slowly ?? {} })

    it('tells its version', async () => {
      expect(await tool.version(access, quiet())).toEqual({ ok: true, value: expect.stringMatching(under.version) })
    })

    it('says that a missing program is missing', async () => {
      const missing = { ...access, program: '/nonexistent/program' }
      const listed = await tool.snapshots(missing, quiet())
      expect(listed).toMatchObject({ ok: false, problem: { code: code('not-found'), retry: 'never' } })
      expect(await tool.version(missing, quiet())).toMatchObject({ ok: false, problem: { code: code('not-found') } })
    })

    it('says that a program is not executable', async () => {
      writeFileSync(place.at('plain'), 'no program')
      const listed = await tool.snapshots({ ...access, program: place.at('plain') }, quiet())
      expect(listed).toMatchObject({ ok: false, problem: { code: code('not-executable') } })
    })

    it('refuses to make a repository where one is', async () => {
      expect(await tool.init(access, quiet())).toMatchObject({ outcome: 'failed', problem: { code: code('exists') } })
    })

    itWith('snapshots', 'backs up, lists, and backs up again unmodified', async () => {
      const first = await tool.backup(
        access,
        backupSpec([place.at('source')], { tags: ['daily'], host: 'h1' }),
        quiet(),
      )
      expect(first).toMatchObject({
        outcome: 'ok',
        exitCode: 0,
        skipped: [],
        counters: { filesNew: 3, processedFiles: 3 },
      })
      expect(first.problem).toBeUndefined()
      const second = await tool.backup(access, backupSpec([place.at('source')], { host: 'h1' }), quiet())
      expect(second).toMatchObject({
        outcome: 'ok',
        counters: { processedFiles: 3, ...(under.again ?? { filesNew: 0, filesUnmodified: 3 }) },
      })

      const listed = await tool.snapshots(access, quiet())
      if (!listed.ok) throw new Error(listed.problem.message)
      expect(listed.value).toMatchObject([
        { host: 'h1', tags: ['daily'], paths: [place.at('source')] },
        { host: 'h1', tags: [] },
      ])
      expect(listed.value[0]?.id.startsWith(first.snapshotId ?? 'none')).toBe(true)
      expect(listed.value[1]?.id.startsWith(second.snapshotId ?? 'none')).toBe(true)
      for (const { takenAt } of listed.value) expect(Math.abs(Date.now() - takenAt.getTime())).toBeLessThan(120_000)
    })

    itWithout('snapshots', 'keeps a tree up to date, whose state tells whether it changed', async () => {
      const back = async (): Promise<string> => {
        const made = await tool.backup(access, backupSpec([place.at('source')]), quiet())
        expect(made).toMatchObject({ outcome: 'ok', exitCode: 0, skipped: [], counters: { processedFiles: 3 } })
        expect(made.problem).toBeUndefined()
        const listed = await tool.snapshots(access, quiet())
        const state = { id: made.snapshotId, files: 3, host: 'repository', living: 'tree' }
        expect(listed).toMatchObject({ ok: true, value: [state] })
        return made.snapshotId ?? ''
      }
      const first = await back()
      expect(await back()).toBe(first)
      writeFileSync(place.at('source', 'one.txt'), 'another one')
      expect(await back()).not.toBe(first)
    })

    it('lists an empty repository as empty', async () => {
      expect(await tool.snapshots(access, quiet())).toEqual({ ok: true, value: [] })
    })

    it('passes hostile names on as they are', async () => {
      const names = ['-rf', '$(touch canary)', '`touch canary`', 'a b', "q'uote", 'new\nline', '*']
      mkdirSync(place.at('hostile'))
      for (const file of names) writeFileSync(place.at('hostile', file), file)
      const host = '--json $(touch canary)'
      const made = await tool.backup(access, backupSpec([place.at('hostile')], { host, tags: ['-v;x'] }), quiet())
      expect(made).toMatchObject({ outcome: 'ok', counters: { filesNew: names.length } })
      const recorded = has('snapshots') ? { host, tags: ['-v;x'] } : { files: names.length }
      expect(await tool.snapshots(access, quiet())).toMatchObject({ ok: true, value: [recorded] })
      expect(readdirSync('.')).not.toContain('canary')
    })

    it('leaves out what is excluded', async () => {
      mkdirSync(place.at('source', 'skipped'))
      writeFileSync(place.at('source', 'skipped', '.nobackup'), '')
      writeFileSync(place.at('source', 'skipped', 'inside'), '')
      const spec = backupSpec([place.at('source')], { exclude: ['*.txt'], excludeIfPresent: ['.nobackup'] })
      const { outcome, snapshotId = '' } = await tool.backup(access, spec, quiet())
      expect(outcome).toBe('ok')
      const listed = await tool.files(access, snapshotId, 100, quiet())
      // The marker itself may stay.
      const paths = listed.ok ? listed.value.map(({ path }) => path).filter((path) => !path.endsWith('.nobackup')) : []
      expect(paths).toEqual([named('folder', 'empty')])
    })

    it('makes no snapshot in a dry run', async () => {
      const dry = await tool.backup(access, backupSpec([place.at('source')], { dryRun: true }), quiet())
      expect(dry).toMatchObject({ outcome: 'ok', counters: { processedFiles: 3 } })
      expect(await tool.snapshots(access, quiet())).toEqual({ ok: true, value: [] })
    })

    it('warns and lists what could not be read', async () => {
      chmodSync(place.at('source', 'one.txt'), 0)
      const other = under.unprivileged(access, place)
      const made = await tool.backup(other, backupSpec([place.at('source')]), quiet())
      expect(made).toMatchObject({ outcome: 'warning', problem: { code: code('partial') }, skippedCount: 1 })
      expect(made.skipped).toEqual([
        { path: place.at('source', 'one.txt'), reason: expect.stringContaining('permission denied') },
      ])
      expect(await tool.snapshots(other, quiet())).toMatchObject({ ok: true, value: [{}] })
    })

    itWith('sources', 'warns when one of two sources is missing', async () => {
      const made = await tool.backup(access, backupSpec([place.at('source'), place.at('gone')]), quiet())
      expect(made).toMatchObject({ outcome: 'warning', problem: { code: code('partial') }, skippedCount: 1 })
      expect(made.skipped[0]?.path).toBe(place.at('gone'))
    })

    itWithout('sources', 'refuses several sources before anything is written', async () => {
      const made = await tool.backup(access, backupSpec([place.at('source'), place.at('source', 'folder')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: code('sources'), retry: 'never' } })
      expect(await tool.snapshots(access, quiet())).toEqual({ ok: true, value: [] })
    })

    it('fails when all sources are missing', async () => {
      const made = await tool.backup(access, backupSpec([place.at('gone')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: code('source-missing') } })
      expect(made.snapshotId).toBeUndefined()
    })

    it('names a wrong password', async () => {
      const wrong = under.access(place.at('repository'), 'not the password')
      expect(await tool.snapshots(wrong, quiet())).toMatchObject({ ok: false, problem: { code: code('password') } })
      const made = await tool.backup(wrong, backupSpec([place.at('source')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: code('password'), retry: 'never' } })
    })

    it('names a missing repository', async () => {
      const gone = under.access(place.at('no-repository'), password)
      expect(await tool.snapshots(gone, quiet())).toMatchObject({ ok: false, problem: { code: code('no-repository') } })
      const made = await tool.backup(gone, backupSpec([place.at('source')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: code('no-repository') } })
    })

    it('cancels within the grace and leaves no lock', async () => {
      writeMuch()
      const stop = new AbortController()
      const io = { ...quiet(), limits: slow, signal: stop.signal, onProgress: () => stop.abort() }
      const startedAt = performance.now()
      const made = await tool.backup(access, slowSpec(), io)
      expect(made).toMatchObject({ outcome: 'cancelled', problem: { code: code('interrupted') } })
      expect(performance.now() - startedAt).toBeLessThan(30_000)
      expect(await tool.locks(access, quiet())).toEqual({ ok: true, value: [] })
    })

    it('starts nothing when it is cancelled already', async () => {
      const made = await tool.backup(access, backupSpec([place.at('source')]), {
        ...quiet(),
        signal: AbortSignal.abort(),
      })
      expect(made).toMatchObject({ outcome: 'cancelled' })
    })

    it('ends at the time limit', async () => {
      writeMuch()
      const io = { ...quiet(), limits: slow, timeLimitMs: 3_000 }
      const made = await tool.backup(access, slowSpec(), io)
      expect(made).toMatchObject({ outcome: 'timed-out', problem: { code: code('timed-out') } })
      expect(made.durationMs).toBeLessThan(20_000)
    })

    it('notices a frozen child and ends it', async () => {
      writeMuch()
      let child = 0
      const onSpawn = (pid: number): void => {
        child = pid
      }
      const onProgress = (): void => {
        killGroup(child, 'SIGSTOP')
      }
      const io = { ...quiet(), limits: slow, stallLimitMs: 2_000, onSpawn, onProgress }
      const made = await tool.backup(access, slowSpec(), io)
      expect(made).toMatchObject({ outcome: 'timed-out', problem: { code: code('stalled') } })
      expect(isAlive(child)).toBe(false)
    })

    it('tells a killed child', async () => {
      writeMuch()
      let child = 0
      const onSpawn = (pid: number): void => {
        child = pid
      }
      const onProgress = (): void => {
        killGroup(child, 'SIGKILL')
      }
      const made = await tool.backup(access, slowSpec(), {
        ...quiet(),
        limits: slow,
        onSpawn,
        onProgress,
      })
      expect(made).toMatchObject({
        outcome: 'failed',
        problem: { code: code('killed'), context: { signal: 'SIGKILL' } },
      })
    })

    itWith('snapshots', 'forgets by policy, and not in a dry run', async () => {
      for (const _ of [1, 2, 3]) await tool.backup(access, backupSpec([place.at('source')], { host: 'h1' }), quiet())
      await tool.backup(access, backupSpec([place.at('source')], { host: 'h2' }), quiet())
      const spec = { retention: keepLast(1), host: 'h1', tags: [], paths: [], dryRun: false, own: {} }
      const dry = await tool.forget(access, { ...spec, dryRun: true }, quiet())
      expect(dry).toMatchObject({ outcome: 'ok', kept: 1, removed: [{}, {}] })
      expect(await tool.snapshots(access, quiet())).toMatchObject({ ok: true, value: [{}, {}, {}, {}] })
      const done = await tool.forget(access, spec, quiet())
      expect(done).toMatchObject({ outcome: 'ok', kept: 1, removed: dry.removed })
      expect(await tool.snapshots(access, quiet())).toMatchObject({ ok: true, value: [{ host: 'h1' }, { host: 'h2' }] })
      expect(await tool.prune(access, {}, quiet())).toMatchObject({ outcome: 'ok' })
      expect(await tool.check(access, { readData: 'all' }, quiet())).toMatchObject({ outcome: 'ok', findings: [] })
    })

    it('forgets nothing where nothing matches', async () => {
      const spec = { retention: keepLast(1), host: 'nobody', tags: [], paths: [], dryRun: false, own: {} }
      expect(await tool.forget(access, spec, quiet())).toMatchObject({ outcome: 'ok', kept: 0, removed: [] })
    })

    it('finds damage', async () => {
      const spec = backupSpec([place.at('source')])
      await tool.backup(access, spec, quiet())
      const against = [{ spec }]
      expect(await tool.check(access, { against }, quiet())).toMatchObject({ outcome: 'ok', findings: [] })
      under.damage(place.at('repository'))
      const found = await tool.check(access, { readData: 'all', against }, quiet())
      expect(found).toMatchObject({ outcome: 'failed', problem: { code: code('damaged'), retry: 'never' } })
      expect(found.findings.length).toBeGreaterThan(0)
    })

    it('restores what was backed up, whole and in part', async () => {
      writeFileSync(place.at('source', 'a[b]*?.txt'), 'a name that looks like a pattern')
      const made = await tool.backup(access, backupSpec([place.at('source')]), quiet())
      const snapshotId = made.snapshotId ?? ''
      const whole = await tool.restore(access, { snapshotId, target: place.at('whole'), include: [] }, quiet())
      expect(whole).toMatchObject({ outcome: 'ok' })
      expect(contentOf(join(place.at('whole'), named()))).toEqual(contentOf(place.at('source')))
      const include = [named('a[b]*?.txt')]
      const part = await tool.restore(access, { snapshotId, target: place.at('part'), include }, quiet())
      expect(part).toMatchObject({ outcome: 'ok' })
      expect(Object.keys(contentOf(place.at('part')))).toEqual([include[0]?.replace(/^\//, '')])
    })

    it('says that a snapshot to restore is not there', async () => {
      const spec = { snapshotId: 'f'.repeat(64), target: place.at('whole'), include: [] }
      expect(await tool.restore(access, spec, quiet())).toMatchObject({ outcome: 'failed', problem: {} })
    })

    it('measures the repository', async () => {
      await tool.backup(access, backupSpec([place.at('source')]), quiet())
      const measured = await tool.stats(access, quiet())
      expect(measured).toEqual({ ok: true, value: { sizeBytes: expect.any(Number) } })
    })

    it('lists files up to a number', async () => {
      const { snapshotId = '' } = await tool.backup(access, backupSpec([place.at('source')]), quiet())
      const all = await tool.files(access, snapshotId, 100, quiet())
      const want = Object.entries(contentOf(place.at('source'))).map(([path, text]) => ({
        path: named(path),
        sizeBytes: text.length,
      }))
      if (!all.ok) throw new Error(all.problem.message)
      expect(all.value.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(want)
      const some = await tool.files(access, snapshotId, 2, quiet())
      // Without snapshots of its own, a tool lists as its store does, in any order.
      const first = has('snapshots') ? all.value.slice(0, 2) : [{}, {}]
      expect(some).toMatchObject({ ok: true, value: first })
      expect(all.value).toEqual(expect.arrayContaining(some.ok ? [...some.value] : [undefined]))
    })

    itWith('locks', 'tells of locks and of who holds one in the way', async () => {
      await using holder = await under.holdLock(access)
      const listed = await tool.locks(access, quiet())
      expect(listed).toMatchObject({ ok: true, value: [{ pid: holder.pid, exclusive: true }] })
      const spec = { retention: keepLast(1), tags: [], paths: [], dryRun: false, own: {} }
      const refused = await tool.forget(access, spec, quiet())
      const context = { holderPid: holder.pid, exclusive: 'yes' }
      expect(refused).toMatchObject({ outcome: 'failed', problem: { code: code('locked'), retry: 'soon', context } })
      const made = await tool.backup(access, backupSpec([place.at('source')]), quiet())
      expect(made).toMatchObject({ outcome: 'failed', problem: { code: code('locked') } })
      expect(await tool.snapshots(access, quiet())).toEqual({ ok: true, value: [] })
    })

    itWith('locks', 'removes the lock of a process of ours that is dead, and no live one', async () => {
      const holder = await under.holdLock(access)
      const { pid } = holder
      const live = await tool.unlock(access, () => true, quiet())
      expect(live).toMatchObject({ outcome: 'failed', removed: 0, problem: { code: code('lock-not-ours') } })
      await holder.kill()
      const foreign = await tool.unlock(access, () => false, quiet())
      expect(foreign).toMatchObject({
        outcome: 'failed',
        removed: 0,
        problem: { code: code('lock-not-ours'), context: { holderPid: pid } },
      })
      expect(await tool.locks(access, quiet())).toMatchObject({ ok: true, value: [{ pid }] })
      const ours = await tool.unlock(access, (lock) => lock.pid === pid && !isAlive(pid), quiet())
      expect(ours).toMatchObject({ outcome: 'ok', removed: 1 })
      expect(await tool.locks(access, quiet())).toEqual({ ok: true, value: [] })
      expect(await tool.unlock(access, () => true, quiet())).toMatchObject({ outcome: 'ok', removed: 0 })
    })

    it('gives the password neither to arguments nor to answers', async () => {
      const seen: string[] = []
      const onSpawn = (pid: number): void => {
        seen.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), readFileSync(`/proc/${pid}/environ`, 'utf8'))
      }
      const io = { ...quiet(), onSpawn }
      const wrong = under.access(place.at('repository'), 'canary-wrong-password')
      const gone = under.access(place.at('no-repository'), password)
      const answers = [
        await tool.backup(access, backupSpec([place.at('source')]), io),
        await tool.backup(wrong, backupSpec([place.at('source')]), io),
        await tool.snapshots(gone, io),
        await tool.check(access, {}, io),
      ]
      expect(seen.length).toBeGreaterThanOrEqual(8)
      expect([...seen, JSON.stringify(answers)].join('\n')).not.toMatch(/canary-/)
    })
  })
}

function writeSources(folder: string): void {
  mkdirSync(join(folder, 'folder'), { recursive: true })
  writeFileSync(join(folder, 'one.txt'), 'one')
  writeFileSync(join(folder, 'folder', 'two.txt'), 'two two')
  writeFileSync(join(folder, 'folder', 'empty'), '')
}

/** Relative path to content of every file below. */
function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const pairs = files.map((file) => join(file.parentPath, file.name)).sort()
  return Object.fromEntries(pairs.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]))
}
