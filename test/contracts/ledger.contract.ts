/** What every engine of the ledger owes; each engine's own test calls it with a factory. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Digest, Ledger, RunStart } from '../../src/ledger/ledger.ts'
import { alertKey, type SortedAlert } from '../../src/model/alert.ts'
import type { Delivery } from '../../src/model/delivery.ts'
import type { Finding } from '../../src/model/diagnosis.ts'
import type { IncidentFacts } from '../../src/model/incident.ts'
import type { ProcessMark } from '../../src/model/process-mark.ts'
import type { Reading } from '../../src/model/reading.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'

export interface LedgerFactory {
  readonly engine: string
  /** Opens the ledger of `place`; the same place opened again, also while open, is the same ledger. */
  open(place: string): Promise<Ledger>
  newPlace(): string
}

const me: ProcessMark = { host: 'alpha', pid: 4711, started: '99', boot: 'b' }
const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 21, 2, 15, 0) + seconds * 1000)

const start = (id: string, more: Partial<RunStart> = {}): RunStart => ({
  id,
  roundId: id,
  job: 'nfs',
  repository: 'offsite',
  operation: 'backup',
  trigger: 'manual',
  startedAt: at(0),
  owner: me,
  exclusive: true,
  ...more,
})

const snapshot = (id: string, seconds: number, more: Partial<Snapshot> = {}): Snapshot => ({
  id: id.repeat(64).slice(0, 64),
  takenAt: at(seconds),
  host: 'alpha',
  user: 'root',
  tags: ['daily'],
  paths: ['/srv'],
  ...more,
})

const reading = (id: string, seconds: number, more: Partial<Reading> = {}): Reading => ({
  id,
  repository: 'offsite',
  startedAt: at(seconds - 1),
  endedAt: at(seconds),
  way: 'restic',
  ...more,
})

export function ledgerContract(factory: LedgerFactory): void {
  describe(`the ledger over ${factory.engine}`, () => {
    const open: Ledger[] = []
    const opened = async (place = factory.newPlace()): Promise<Ledger> => {
      const ledger = await factory.open(place)
      open.push(ledger)
      return ledger
    }
    afterEach(async () => {
      for (const ledger of open.splice(0)) await ledger[Symbol.asyncDispose]()
    })

    it('keeps a run from before its process starts until it is closed, exactly once', async () => {
      const ledger = await opened()
      expect(await ledger.beginRun(start('r1'))).toEqual({ begun: true })
      expect((await ledger.openRuns()).map(({ run, phase, owner }) => [run.id, phase, owner])).toEqual([
        ['r1', 'waiting', me],
      ])
      await ledger.noteRun('r1', { phase: 'running', child: { ...me, pid: 4712 }, toolVersion: '0.18.0' })
      const problem = { code: 'restic.partial', message: 'left out', next: 'look', retry: 'next-run' } as const
      const end = {
        endedAt: at(60),
        outcome: 'warning',
        exitCode: 3,
        problem,
        snapshotId: 'a'.repeat(64),
        counters: { filesNew: 0, processedBytes: 2 ** 40 },
        skipped: [{ path: '/srv/ä\n', reason: 'permission denied' }],
        skippedCount: 120,
        log: 'error: open /srv/ä: permission denied\nWarning: at least one source file could not be read',
      } as const
      expect(await ledger.closeRun('r1', end)).toBe(true)
      expect(await ledger.closeRun('r1', { endedAt: at(61), outcome: 'ok' })).toBe(false)
      expect(await ledger.openRuns()).toEqual([])
      expect(await ledger.run('r1')).toEqual({
        id: 'r1',
        roundId: 'r1',
        job: 'nfs',
        repository: 'offsite',
        operation: 'backup',
        trigger: 'manual',
        startedAt: at(0),
        toolVersion: '0.18.0',
        child: { ...me, pid: 4712 },
        ...end,
      })
      expect(await ledger.totals()).toEqual([
        { job: 'nfs', repository: 'offsite', operation: 'backup', outcome: 'warning', runs: 1 },
      ])
    })

    it('records a run that overlaps another as skipped, and tells which one is open', async () => {
      const ledger = await opened()
      await ledger.beginRun(start('r1'))
      const second = await ledger.beginRun(start('r2', { startedAt: at(5) }))
      expect(second).toMatchObject({ begun: false, why: 'overlap', other: { id: 'r1' } })
      expect(await ledger.run('r2')).toMatchObject({ outcome: 'skipped', problem: { code: 'job.overlap' } })
      expect(await ledger.beginRun(start('r3', { operation: 'forget' }))).toEqual({ begun: true })
      expect(await ledger.beginRun(start('r4', { job: 'other' }))).toEqual({ begun: true })
    })

    it('asks what is to be told with what is there, those of one turn included', async () => {
      const ledger = await opened()
      await ledger.beginRun(start('own'))
      const { exclusive: _, ...told } = start('t1', { repository: '', trigger: 'ping' })
      const looks: string[] = []
      const plan = (id: string) => ({
        job: 'nfs',
        mostEnded: 1,
        plan: (open: readonly { id: string }[], ended: readonly { id: string }[]) => {
          looks.push([...open, '|', ...ended].map((one) => (typeof one === 'string' ? one : one.id)).join(' '))
          return open.length > 0 ? [] : [{ begin: { ...told, id, roundId: id } }]
        },
      })
      await Promise.all([ledger.tellRuns(plan('t1')), ledger.tellRuns(plan('t2'))])
      expect(looks).toEqual(['|', 't1 |'])
      await ledger.closeRun('t1', { endedAt: at(9), outcome: 'ok' })
      await ledger.tellRuns(plan('t3'))
      expect([looks.at(-1), (await ledger.openRuns()).map(({ run }) => run.id).sort()]).toEqual(['| t1', ['own', 't3']])
    })

    it('writes down what another program told of its runs, all of it or nothing', async () => {
      const ledger = await opened()
      const { exclusive: _, ...told } = start('t1', { repository: '', trigger: 'ping' })
      await ledger.tellRuns([{ begin: told }, { log: 't1', text: 'began' }])
      const [open] = await ledger.openRuns()
      expect(open).toMatchObject({ phase: 'running', run: { id: 't1', trigger: 'ping', log: 'began' } })
      const end = { endedAt: at(60), outcome: 'failed', exitCode: 3, log: 'ended' } as const
      const next = { ...told, id: 't2', roundId: 't2', startedAt: at(60) }
      // Of several that arrive together only the one that cannot be is refused, and nothing of it is written.
      const again = ledger.tellRuns([{ close: 't2', end: { endedAt: at(90), outcome: 'ok' } }, { begin: told }])
      await Promise.all([
        ledger.tellRuns([{ close: 't1', end }, { begin: next }]),
        expect(again).rejects.toThrow(),
        ledger.tellRuns([{ log: 'none', text: 'x' }]),
      ])
      expect(await ledger.runs({ job: 'nfs', most: 9 })).toMatchObject([{ id: 't2' }, { id: 't1', ...end }])
      expect((await ledger.run('t2'))?.outcome).toBeUndefined()
      await ledger.tellRuns([{ close: 't1', end: { endedAt: at(99), outcome: 'ok' } }])
      await ledger.tellRuns([{ log: 't1', text: 'ended, and more' }])
      expect(await ledger.run('t1')).toMatchObject({ outcome: 'failed', endedAt: at(60), log: 'ended, and more' })
      expect(await ledger.totals()).toEqual([
        { job: 'nfs', repository: '', operation: 'backup', outcome: 'failed', runs: 1 },
      ])
      expect(await ledger.verify()).toEqual([])
    })

    it('starts a scheduled instant at most once, whoever asks', async () => {
      const place = factory.newPlace()
      const [one, two] = [await opened(place), await opened(place)]
      const due = { task: 'backup:nfs', scheduledFor: at(0), trigger: 'schedule' } as const
      expect(await one.beginRun(start('r1', due))).toEqual({ begun: true })
      expect(await two.beginRun(start('r2', due))).toMatchObject({ begun: false, why: 'taken' })
      expect(await one.beginRun(start('r3', { ...due, scheduledFor: at(-60) }))).toMatchObject({
        begun: false,
        why: 'taken',
      })
      expect(await two.scheduleMark('backup:nfs', at(99))).toMatchObject({ handled: at(0) })
    })

    it('remembers since when a schedule is known', async () => {
      const ledger = await opened()
      expect(await ledger.scheduleMark('check:offsite', at(7))).toEqual({ since: at(7) })
      expect(await ledger.scheduleMark('check:offsite', at(900))).toEqual({ since: at(7) })
    })

    it('finds runs by what they are, newest first', async () => {
      const ledger = await opened()
      for (const [id, seconds, outcome] of [
        ['a', 0, 'ok'],
        ['b', 10, 'failed'],
        ['c', 20, 'ok'],
      ] as const) {
        await ledger.beginRun(start(id, { startedAt: at(seconds) }))
        await ledger.closeRun(id, { endedAt: at(seconds + 1), outcome })
      }
      await ledger.beginRun(start('d', { startedAt: at(30) }))
      const ids = async (filter: Omit<Parameters<Ledger['runs']>[0], 'most'>) =>
        (await ledger.runs({ most: 9, ...filter })).map((run) => run.id)
      expect(await ids({ job: 'nfs' })).toEqual(['d', 'c', 'b', 'a'])
      expect(await ids({ outcomes: ['ok'] })).toEqual(['c', 'a'])
      expect(await ids({ closedOnly: true, since: at(10) })).toEqual(['c', 'b'])
      expect(await ids({ repository: 'elsewhere' })).toEqual([])
      expect((await ledger.runs({ most: 2 })).map((run) => run.id)).toEqual(['d', 'c'])
    })

    it('keeps the first-seen history: what is new, what is gone, what came back', async () => {
      const ledger = await opened()
      await ledger.recordReading(reading('1', 10, { snapshots: 2 }), [
        snapshot('a', 0),
        snapshot('b', 5, { sizeBytes: 7, files: 0 }),
      ])
      await ledger.recordReading(reading('2', 20, { snapshots: 1 }), [snapshot('b', 5)])
      expect((await ledger.snapshots('offsite')).map(({ id, firstSeen }) => [id[0], firstSeen])).toEqual([
        ['b', at(10)],
      ])
      expect((await ledger.snapshots('offsite', { gone: true })).map(({ id, goneAt }) => [id[0], goneAt])).toEqual([
        ['a', at(20)],
      ])
      await ledger.recordReading(reading('3', 30, { snapshots: 2 }), [snapshot('a', 0), snapshot('b', 5)])
      expect((await ledger.snapshots('offsite')).map(({ id, firstSeen }) => [id[0], firstSeen])).toEqual([
        ['a', at(10)],
        ['b', at(10)],
      ])
      expect(await ledger.sets('offsite')).toEqual([
        {
          repository: 'offsite',
          host: 'alpha',
          user: 'root',
          snapshots: 2,
          newestId: 'b'.repeat(64),
          newestAt: at(5),
          newestSeenAt: at(10),
          sizeBytes: 7,
          files: 0,
        },
      ])
    })

    it('keeps the same history when only ids and what is new are told', async () => {
      const ledger = await opened()
      const [a, b, c, damaged] = ['a', 'b', 'c', 'd'].map((id, at) => snapshot(id, at)) as [Snapshot, ...Snapshot[]]
      const ids = (...all: (Snapshot | undefined)[]) => all.flatMap((one) => one?.id ?? [])
      expect(await ledger.knownSnapshots('offsite')).toEqual(new Set())
      await ledger.recordReading(reading('1', 10), { ids: ids(a, b), fresh: [a, b as Snapshot] })
      // One is new, one is gone, and one is there that nobody could read.
      await ledger.recordReading(reading('2', 20), { ids: ids(b, c, damaged), fresh: [c as Snapshot] })
      expect((await ledger.snapshots('offsite')).map(({ id, firstSeen }) => [id[0], firstSeen])).toEqual([
        ['b', at(10)],
        ['c', at(20)],
      ])
      expect((await ledger.snapshots('offsite', { gone: true })).map(({ id, goneAt }) => [id[0], goneAt])).toEqual([
        ['a', at(20)],
      ])
      expect(await ledger.knownSnapshots('offsite')).toEqual(new Set(ids(a, b, c)))
      expect(await ledger.knownSnapshots('elsewhere')).toEqual(new Set())
      // Back, and told as new by somebody who did not know it: the first time it was seen stays.
      await ledger.recordReading(reading('3', 30), { ids: ids(a), fresh: [a] })
      expect((await ledger.snapshots('offsite')).map(({ id, firstSeen }) => [id[0], firstSeen])).toEqual([
        ['a', at(10)],
      ])
      await ledger.recordReading(reading('4', 40), { ids: [], fresh: [] })
      expect(await ledger.snapshots('offsite')).toEqual([])
      expect(await ledger.verify()).toEqual([])
    })

    it('takes nothing back that another reading noticed while this one was under way', async () => {
      const ledger = await opened()
      const [a, b] = [snapshot('a', 0), snapshot('b', 5)]
      await ledger.recordReading(reading('1', 10), [a])
      // Began before b was there and a was gone, and ends after the reading that noticed both.
      const slow = reading('slow', 40, { startedAt: at(15) })
      await ledger.recordReading(reading('2', 30), { ids: [b.id], fresh: [b] })
      await ledger.recordReading(slow, { ids: [a.id], fresh: [] })
      const here = async () => (await ledger.snapshots('offsite')).map(({ id, firstSeen }) => [id[0], firstSeen])
      expect(await here()).toEqual([['b', at(30)]])
      expect((await ledger.sets('offsite')).map(({ newestId, snapshots }) => [newestId[0], snapshots])).toEqual([
        ['b', 1],
      ])
      // The same ids in a reading of their own time are believed.
      await ledger.recordReading(reading('3', 50), { ids: [a.id], fresh: [] })
      expect(await here()).toEqual([['a', at(10)]])
      expect((await ledger.snapshots('offsite', { gone: true })).map(({ id, goneAt }) => [id[0], goneAt])).toEqual([
        ['b', at(50)],
      ])
    })

    it('tells sets apart by tags and paths once asked, and no more when asked for that', async () => {
      const ledger = await opened()
      const both = [snapshot('a', 0, { tags: ['x', 'y'] }), snapshot('b', 5, { tags: ['y', 'x'], paths: ['/etc'] })]
      await ledger.recordReading(reading('1', 10), [...both, snapshot('c', 3, { tags: [] })])
      const told = async () =>
        (await ledger.sets('offsite')).map(({ tags, paths, newestId, snapshots }) => [
          tags,
          paths,
          newestId[0],
          snapshots,
        ])
      const whole = await ledger.sets('offsite')
      const { sequence } = await ledger.changesSince(0)
      await ledger.groupSets(new Map([['offsite', []]]))
      expect((await ledger.changesSince(sequence)).repositories.size).toBe(0)
      await ledger.groupSets(new Map([['offsite', ['tags']]]))
      expect((await ledger.changesSince(sequence)).repositories).toEqual(new Set(['offsite']))
      expect(await told()).toEqual([
        [['x', 'y'], undefined, 'b', 2],
        [[], undefined, 'c', 1],
      ])
      // Whoever records later need not know.
      await ledger.recordReading(reading('2', 20), {
        ids: [both[0]?.id ?? '', 'd'.repeat(64)],
        fresh: [snapshot('d', 9)],
      })
      expect(await told()).toEqual([
        [['daily'], undefined, 'd', 1],
        [['x', 'y'], undefined, 'a', 1],
      ])
      const [, grouped] = await ledger.sets('offsite')
      const taken = await ledger.takenTimes('offsite', grouped ?? { host: '', user: '' }, 9, ['tags'])
      expect(taken.map(({ tags, takenAt }) => [tags, takenAt])).toEqual([
        [['daily'], at(9)],
        [['x', 'y'], at(5)],
        [[], at(3)],
        [['x', 'y'], at(0)],
      ])
      const days = await ledger.days(['offsite'], at(-1))
      expect(days.get('offsite')?.snapshots.map(({ tags, paths, snapshots }) => [tags, paths, snapshots])).toEqual([
        [['daily'], undefined, 1],
        [['x', 'y'], undefined, 1],
      ])
      await ledger.groupSets(new Map([['offsite', ['tags', 'paths']]]))
      expect((await told()).map(([tags, paths]) => [tags, paths])).toEqual([
        [['daily'], ['/srv']],
        [['x', 'y'], ['/srv']],
      ])
      await ledger.groupSets(new Map([['offsite', []]]))
      expect(await ledger.sets('offsite')).toMatchObject([{ host: whole[0]?.host, snapshots: 2 }])
      expect(await ledger.verify()).toEqual([])
    })

    it('knows the times of the newest snapshots of a set, those that are gone and were rewritten too', async () => {
      const ledger = await opened()
      const original = 'f'.repeat(64)
      await ledger.recordReading(reading('1', 10), [snapshot('a', 0), snapshot('b', 5), snapshot('c', 7, { user: '' })])
      await ledger.recordReading(reading('2', 20), [
        snapshot('b', 5),
        snapshot('d', 6, { original, parent: '"original":' }),
      ])
      const set = { host: 'alpha', user: 'root' }
      expect(await ledger.takenTimes('offsite', set, 2)).toEqual([
        { takenAt: at(6), seenAt: at(20), isRewritten: true },
        { takenAt: at(5), seenAt: at(10), isRewritten: false },
      ])
      expect(await ledger.takenTimes('offsite', set, 9)).toHaveLength(3)
      expect(await ledger.takenTimes('elsewhere', set, 9)).toEqual([])
    })

    it('gives a snapshot its content when more than its file is read', async () => {
      const ledger = await opened()
      const bare = { host: '', user: '', tags: [], paths: [] }
      await ledger.recordReading(reading('1', 10), [snapshot('a', 9, bare), snapshot('b', 8, bare)])
      expect((await ledger.knownSnapshots('offsite')).size).toBe(2)
      expect((await ledger.knownSnapshots('offsite', true)).size).toBe(0)
      const [a, b] = [snapshot('a', 0, { parent: 'p' }), snapshot('b', 5)]
      await ledger.recordReading(reading('2', 20), { ids: [a.id, b.id], fresh: [a, b] })
      expect(await ledger.sets('offsite')).toMatchObject([{ host: 'alpha', snapshots: 2, newestAt: at(5) }])
      expect(
        (await ledger.snapshots('offsite')).map(({ takenAt, firstSeen, parent }) => [takenAt, firstSeen, parent]),
      ).toEqual([
        [at(0), at(10), 'p'],
        [at(5), at(10), undefined],
      ])
      expect((await ledger.knownSnapshots('offsite', true)).size).toBe(2)
      expect(await ledger.verify()).toEqual([])
    })

    it('keeps the sets in step with the snapshots, also when the newest goes', async () => {
      const ledger = await opened()
      const [a, b, c, d] = [
        snapshot('a', 0, { sizeBytes: 1 }),
        snapshot('b', 5),
        snapshot('c', 5, { files: 3 }),
        snapshot('d', 1, { user: 'anna' }),
      ] as const
      const told = async () =>
        (await ledger.sets('offsite')).map(({ user, newestId, snapshots, sizeBytes, files }) => [
          user,
          newestId[0],
          snapshots,
          sizeBytes,
          files,
        ])
      await ledger.recordReading(reading('1', 10), [a, b, c, d])
      // Of two that are equally new the greater id wins.
      expect(await told()).toEqual([
        ['anna', 'd', 1, undefined, undefined],
        ['root', 'c', 3, undefined, 3],
      ])
      await ledger.recordReading(reading('2', 20), { ids: [a.id, b.id], fresh: [] })
      expect(await told()).toEqual([['root', 'b', 2, undefined, undefined]])
      await ledger.recordReading(reading('3', 30), { ids: [a.id], fresh: [] })
      expect(await told()).toEqual([['root', 'a', 1, 1, undefined]])
      await ledger.recordReading(reading('4', 40), { ids: [a.id], fresh: [] })
      await ledger.recordReading(reading('5', 50), { ids: [], fresh: [] })
      expect(await told()).toEqual([])
      expect(await ledger.verify()).toEqual([])
    })

    it('tells what changed since when, whoever wrote', async () => {
      const place = factory.newPlace()
      const [one, two] = [await opened(place), await opened(place)]
      const first = await one.changesSince(0)
      await two.recordReading(reading('1', 10), [snapshot('a', 0)])
      await two.recordReading(reading('2', 10, { repository: 'elsewhere' }))
      const second = await one.changesSince(first.sequence)
      expect(second).toMatchObject({ repositories: new Set(['elsewhere', 'offsite']), jobs: new Set() })
      expect(await one.changesSince(second.sequence)).toEqual({
        sequence: second.sequence,
        repositories: new Set(),
        jobs: new Set(),
      })
      let last = second.sequence
      const changed = async () => {
        const { sequence, repositories, jobs } = await one.changesSince(last)
        last = sequence
        return [...repositories, ...jobs]
      }
      await two.beginRun(start('r1'))
      expect(await changed()).toEqual(['offsite', 'nfs'])
      await two.beginRun(start('r2', { startedAt: at(5) }))
      expect(await changed()).toEqual(['offsite', 'nfs'])
      await two.noteRun('r1', { phase: 'running' })
      expect(await changed()).toEqual(['offsite', 'nfs'])
      await two.closeRun('r1', { endedAt: at(9), outcome: 'ok' })
      expect(await changed()).toEqual(['offsite', 'nfs'])
      await two.closeRun('r1', { endedAt: at(9), outcome: 'ok' })
      await two.writeMeta('a', 'b')
      expect(await changed()).toEqual([])
      await two.recordReading(reading('3', 20), { ids: [snapshot('a', 0).id], fresh: [] })
      expect(await changed()).toEqual(['offsite'])
    })

    it('records readings that arrive together, and refuses only the one that cannot be', async () => {
      const ledger = await opened()
      await ledger.recordReading(reading('0', 5))
      const all = await Promise.allSettled(
        ['1', '0', '2'].map((id, index) =>
          ledger.recordReading(reading(id, 10 + index, { repository: `r${index}` }), [snapshot('a', index)]),
        ),
      )
      expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await ledger.sets('r0')).toHaveLength(1)
      expect(await ledger.sets('r1')).toHaveLength(0)
      expect(await ledger.lastReading('r2')).toMatchObject({ id: '2' })
    })

    it('tells the newest of many at once, as it tells them one by one', async () => {
      const ledger = await opened()
      const problem = { code: 'restic.network', message: 'gone', next: 'wait', retry: 'soon' } as const
      const locks = [{ id: 'l', takenAt: at(1), exclusive: true, host: 'x', user: 'u', pid: 5 }]
      // More names than one statement takes, with all kinds of histories, and some nobody ever read.
      const names = Array.from({ length: 150 }, (_, index) => `r${index}`)
      for (const [index, repository] of names.entries()) {
        if (index % 7 === 6) continue
        const told = (id: number, seconds: number, more: Partial<Reading>) =>
          ledger.recordReading(reading(`${index}/${id}`, seconds, { repository, ...more }), [snapshot('a', index)])
        await told(1, 10, { ...(index % 2 === 0 && { sizeBytes: index }), ...(index % 3 > 0 && { locks }) })
        if (index % 5 > 1)
          await told(2, 20, { ...(index % 5 > 2 && { problem }), ...(index % 5 === 4 && { locks: [] }) })
        if (index % 11 === 0) await told(3, 30, { snapshots: 1 })
      }
      const facts = await ledger.repositoryFacts(names)
      for (const name of names)
        expect(facts.get(name), name).toEqual({
          ...Object.fromEntries(
            Object.entries({
              lastReading: await ledger.lastReading(name),
              lastGoodReading: await ledger.lastReading(name, true),
              size: await ledger.lastSize(name),
              locks: await ledger.lastLocks(name),
            }).filter(([, value]) => value !== undefined),
          ),
          sets: await ledger.sets(name),
          findings: [],
        })
    })

    it('keeps what only the history asks of a snapshot, and says whether exactly these are there', async () => {
      const ledger = await opened()
      const detail = {
        offsetMinutes: -450,
        finishedAt: at(7),
        original: 'ee'.repeat(32),
        parent: 'ff'.repeat(32),
        counters: { filesNew: 1, addedBytes: 2 },
      }
      const all = [snapshot('a', 1, detail), snapshot('b', 2)]
      await ledger.recordReading(reading('1', 10), all)
      expect(await ledger.snapshots('offsite')).toEqual(all.map((one) => ({ ...one, firstSeen: at(10) })))
      const [a, b] = all.map(({ id }) => id) as [string, string]
      expect(await ledger.sees('offsite', [b, a])).toBe(true)
      expect(await ledger.sees('offsite', [a])).toBe(false)
      expect(await ledger.sees('elsewhere', [])).toBe(false)
    })

    it('keeps a finding once until it is settled, and opens it again when it shows again', async () => {
      const ledger = await opened()
      const found = (kind: 'emptied' | 'key-added', subject: string) => ({ kind, subject, message: 'm', next: 'n' })
      await ledger.recordReading(reading('1', 10), [], { findings: [found('emptied', 'x')], marks: 'first' })
      await ledger.recordReading(reading('2', 20), [], {
        findings: [found('emptied', 'x'), found('key-added', 'x')],
      })
      await ledger.recordReading(reading('3', 30, { repository: 'other' }), [], { findings: [found('emptied', 'x')] })
      expect(await ledger.marks('offsite')).toBe('first')
      expect(await ledger.marks('other')).toBeUndefined()
      const kept = (number: number, seconds: number, more: object) => ({
        number,
        repository: 'offsite',
        kind: 'emptied',
        subject: 'x',
        message: 'm',
        next: 'n',
        foundAt: at(seconds),
        ...more,
      })
      const one = kept(1, 10, {})
      const two = kept(2, 20, { kind: 'key-added' })
      expect(await ledger.findings()).toEqual([one, two, kept(3, 30, { repository: 'other' })])
      expect(await ledger.findings({ repositories: ['offsite'], open: true })).toEqual([one, two])
      expect((await ledger.repositoryFacts(['offsite'])).get('offsite')?.findings).toEqual([one, two])
      const { sequence } = await ledger.changesSince(0)
      const settled = kept(1, 10, { settledAt: at(40), note: 'it was me' })
      expect(await ledger.settleFindings([1, 99], at(40), 'it was me')).toEqual([settled])
      expect(await ledger.settleFindings([1], at(41))).toEqual([])
      expect((await ledger.changesSince(sequence)).repositories).toEqual(new Set(['offsite']))
      expect(await ledger.findings({ repositories: ['offsite'] })).toEqual([settled, two])
      await ledger.recordReading(reading('4', 50), [], { findings: [found('emptied', 'x')] })
      expect(await ledger.findings({ repositories: ['offsite'], open: true })).toEqual([two, kept(4, 50, {})])
      expect(await ledger.verify()).toEqual([])
    })

    it('keeps looks at the room in a store, those that told nothing too, and trims all but the newest', async () => {
      const ledger = await opened()
      const problem = { code: 'space.unparsed', message: 'No.', next: 'Look.', retry: 'next-run' } as const
      const blocks = { free: 3, total: 2 ** 40, bytes: 512 }
      const space = { freeBytes: 1536, totalBytes: 2 ** 49, way: 'df', blocks }
      const looks = [
        { repository: 'box', at: at(0), space },
        { repository: 'box', at: at(10), problem },
        { repository: 'box', at: at(20), space: { freeBytes: 0, totalBytes: 7, way: 'rclone' } },
        { repository: 'nas', at: at(5), problem },
      ]
      const { sequence } = await ledger.changesSince(-1)
      await Promise.all(looks.map((look) => ledger.recordSpace(look)))
      expect([...(await ledger.changesSince(sequence)).repositories].sort()).toEqual(['box', 'nas'])
      expect(await ledger.spaceSince(['box', 'nas', 'none'], at(0))).toEqual(
        new Map([
          ['box', looks.slice(0, 3)],
          ['nas', looks.slice(3)],
        ]),
      )
      expect(await ledger.spaceSince(['box'], at(11))).toEqual(new Map([['box', looks.slice(2, 3)]]))
      expect(await ledger.lastSpace('box')).toEqual(looks[2])
      expect(await ledger.lastSpace('none')).toBeUndefined()
      const facts = await ledger.repositoryFacts(['box', 'nas', 'none'])
      expect([...facts.values()].map((fact) => fact.space)).toEqual([looks[2], looks[3], undefined])
      // One instant is one look.
      await ledger.recordSpace({ repository: 'nas', at: at(5), space })
      expect(await ledger.lastSpace('nas')).toEqual({ repository: 'nas', at: at(5), space })
      expect(await ledger.verify()).toEqual([])
      await ledger.trim({ runsBefore: at(0), readingsBefore: at(100), goneBefore: at(0) })
      expect([...(await ledger.spaceSince(['box', 'nas'], at(0))).values()].flat()).toHaveLength(2)
    })

    it('tells totals with the newest run of each', async () => {
      const ledger = await opened()
      for (const [id, seconds, outcome, job, repository] of [
        ['a', 0, 'ok', 'nfs', 'offsite'],
        ['b', 10, 'failed', 'nfs', 'offsite'],
        ['c', 20, 'ok', 'nfs', 'offsite'],
        ['d', 30, 'ok', 'nfs', 'elsewhere'],
        ['e', 30, 'ok', '', 'offsite'],
      ] as const) {
        await ledger.beginRun(start(id, { startedAt: at(seconds), repository, job }))
        await ledger.closeRun(id, { endedAt: at(seconds + 1), outcome })
      }
      await ledger.beginRun(start('open', { startedAt: at(40) }))
      const told = async (of: 'job' | 'repository', name: string) =>
        (await ledger.runHeads(of, [name])).map(({ outcome, runs, newest }) => [outcome, runs, newest?.id]).sort()
      expect(await told('job', 'nfs')).toEqual([
        ['failed', 1, 'b'],
        ['ok', 1, 'd'],
        ['ok', 2, 'c'],
      ])
      expect(await told('repository', 'offsite')).toEqual([
        ['failed', 1, 'b'],
        ['ok', 1, 'e'],
        ['ok', 2, 'c'],
      ])
      expect(await told('job', 'nobody')).toEqual([])
    })

    it('tells quarters of an hour with their snapshots and backups', async () => {
      const ledger = await opened()
      await ledger.recordReading(reading('1', 4000), [
        snapshot('a', 0),
        snapshot('b', 899),
        snapshot('c', 900),
        snapshot('d', 1, { user: 'anna' }),
        snapshot('e', -1),
      ])
      for (const [id, seconds, outcome] of [
        ['a', 0, 'ok'],
        ['b', 10, 'failed'],
        ['c', 20, 'ok'],
      ] as const) {
        await ledger.beginRun(start(id, { startedAt: at(seconds) }))
        await ledger.closeRun(id, { endedAt: at(seconds + 1), outcome })
      }
      const days = await ledger.days(['offsite', 'elsewhere'], at(0))
      expect(days.get('elsewhere')).toEqual({ snapshots: [], runs: [] })
      expect(days.get('offsite')?.snapshots.map(({ user, at, snapshots }) => [user, at, snapshots])).toEqual([
        ['anna', at(0), 1],
        ['root', at(0), 2],
        ['root', at(900), 1],
      ])
      expect(
        days
          .get('offsite')
          ?.runs.map(({ job, outcome, at }) => [job, outcome, at])
          .sort(),
      ).toEqual([
        ['nfs', 'failed', at(0)],
        ['nfs', 'ok', at(0)],
      ])
    })

    it('forgets snapshots that went long ago, and never one that is there', async () => {
      const ledger = await opened()
      const limits = { runsBefore: at(0), readingsBefore: at(0) }
      const [a, b] = [snapshot('a', 0), snapshot('b', 1)]
      await ledger.recordReading(reading('1', 10), [a, b])
      await ledger.recordReading(reading('2', 20), { ids: [b.id], fresh: [] })
      expect(await ledger.trim({ ...limits, goneBefore: at(20) })).toBe(0)
      expect(await ledger.trim({ ...limits, goneBefore: at(21) })).toBe(1)
      expect(await ledger.knownSnapshots('offsite')).toEqual(new Set([b.id]))
      expect(await ledger.sets('offsite')).toHaveLength(1)
    })

    it('tells hosts and users of backup sets apart, also where their names run together', async () => {
      const ledger = await opened()
      await ledger.recordReading(reading('1', 10), [
        snapshot('a', 0, { host: 'a-b', user: 'c' }),
        snapshot('b', 1, { host: 'a', user: 'b-c' }),
      ])
      expect((await ledger.sets('offsite')).map(({ host, user }) => [host, user])).toEqual([
        ['a', 'b-c'],
        ['a-b', 'c'],
      ])
    })

    it('keeps what was known when a repository cannot be read', async () => {
      const ledger = await opened()
      const locks = [{ id: 'l', takenAt: at(1), exclusive: true, host: 'x', user: 'u', pid: 5 }]
      await ledger.recordReading(reading('1', 10, { snapshots: 1, locks, sizeBytes: 12 }), [snapshot('a', 0)])
      const problem = { code: 'restic.network', message: 'gone', next: 'wait', retry: 'soon' } as const
      await ledger.recordReading(reading('2', 20, { problem }))
      expect((await ledger.lastReading('offsite'))?.problem).toEqual(problem)
      expect(await ledger.lastReading('offsite', true)).toMatchObject({ id: '1', snapshots: 1 })
      expect(await ledger.lastSize('offsite')).toEqual({ at: at(10), sizeBytes: 12 })
      expect(await ledger.lastLocks('offsite')).toEqual({ at: at(10), locks })
      expect(await ledger.sets('offsite')).toHaveLength(1)
      expect(await ledger.lastReading('elsewhere')).toBeUndefined()
    })

    it('lets shared lanes together and exclusive ones alone, in the order they came, over processes', async () => {
      const place = factory.newPlace()
      const [one, two] = [await opened(place), await opened(place)]
      const never = () => false
      const wish = (id: string, mode: 'shared' | 'exclusive', seconds: number) => ({
        id,
        repository: 'offsite',
        mode,
        purpose: id,
        owner: me,
        since: at(seconds),
      })
      expect(await one.requestLane(wish('s1', 'shared', 1), at(1), never)).toBe(true)
      expect(await two.requestLane(wish('s2', 'shared', 2), at(2), never)).toBe(true)
      expect(await one.requestLane(wish('x1', 'exclusive', 3), at(3), never)).toBe(false)
      // Lined up behind the exclusive one: else a stream of shared work would starve it.
      expect(await two.requestLane(wish('s3', 'shared', 4), at(4), never)).toBe(false)
      expect(await two.requestLane({ ...wish('other', 'exclusive', 5), repository: 'elsewhere' }, at(5), never)).toBe(
        true,
      )
      await one.releaseLane('s1')
      await two.releaseLane('s2')
      expect(await two.requestLane(wish('s3', 'shared', 4), at(6), never)).toBe(false)
      expect(await one.requestLane(wish('x1', 'exclusive', 3), at(7), never)).toBe(true)
      expect((await two.lanes()).map(({ id, waiting }) => [id, waiting])).toEqual([
        ['x1', false],
        ['s3', true],
        ['other', false],
      ])
      await one.releaseLane('x1')
      expect(await two.requestLane(wish('s3', 'shared', 4), at(8), never)).toBe(true)
    })

    it('gives the lane of a dead process away', async () => {
      const ledger = await opened()
      const wish = { repository: 'offsite', mode: 'exclusive', purpose: 'prune', since: at(1) } as const
      const gone: ProcessMark = { ...me, pid: 1 }
      expect(await ledger.requestLane({ ...wish, id: 'dead', owner: gone }, at(1), () => false)).toBe(true)
      expect(
        await ledger.requestLane({ ...wish, id: 'new', owner: me, since: at(2) }, at(2), (owner) => owner.pid === 1),
      ).toBe(true)
      expect((await ledger.lanes()).map(({ id }) => id)).toEqual(['new'])
    })

    it('trims old rows, but never the newest of a kind, an open run, or a count', async () => {
      const ledger = await opened()
      for (const [id, seconds, outcome] of [
        ['a', 0, 'ok'],
        ['b', 10, 'ok'],
        ['c', 20, 'failed'],
      ] as const) {
        await ledger.beginRun(start(id, { startedAt: at(seconds) }))
        await ledger.closeRun(id, { endedAt: at(seconds + 1), outcome })
      }
      await ledger.beginRun(start('open', { startedAt: at(1) }))
      await ledger.recordReading(reading('1', 10, { sizeBytes: 5 }))
      await ledger.recordReading(reading('2', 20))
      await ledger.recordReading(reading('3', 30))
      expect(await ledger.trim({ runsBefore: at(900), readingsBefore: at(900), goneBefore: at(900) })).toBe(2)
      expect((await ledger.runs({ most: 9 })).map((run) => run.id)).toEqual(['c', 'b', 'open'])
      expect(await ledger.lastSize('offsite')).toMatchObject({ sizeBytes: 5 })
      expect((await ledger.totals()).reduce((sum, total) => sum + total.runs, 0)).toBe(3)
    })

    it('is found again by the next process, whole', async () => {
      const place = factory.newPlace()
      const first = await opened(place)
      await first.beginRun(start('r1'))
      await first.writeMeta('key', 'value')
      const second = await opened(place)
      expect((await second.openRuns()).map(({ run }) => run.id)).toEqual(['r1'])
      expect(await second.readMeta('key')).toBe('value')
      expect(await second.readMeta('other')).toBeUndefined()
      expect(await second.verify()).toEqual([])
    })

    describe('pushes', () => {
      let ledger: Ledger
      beforeEach(async () => {
        ledger = await opened()
      })
      const nfs = { key: 'metrics/job/nfs', job: 'nfs', method: 'put', body: 'a 1\n' } as const
      const all = { key: '', method: 'post', body: 'b 1\n' } as const
      const want = (wanted: Parameters<Ledger['wantPushes']>[2], second: number, again = false) =>
        ledger.wantPushes('pushgateway', 'http://gate', wanted, { now: at(second), again })
      const claimed = async (second: number) => {
        const push = await ledger.claimPush('pushgateway', at(second), 60_000)
        if (push === undefined) throw new Error('nothing is due')
        return push
      }
      const away = { code: 'push.unreachable', message: 'away', next: 'wait', retry: 'soon' } as const

      it('are sent once for each body, by one process at a time, and counted', async () => {
        expect(await want([nfs, all], 0)).toBe(2)
        expect(await want([nfs, all], 1)).toBe(0)
        const first = await claimed(1)
        expect(first).toMatchObject({ key: '', body: 'b 1\n', attempts: 1, madeAt: at(0) })
        expect(first).not.toHaveProperty('job')
        const second = await claimed(1)
        expect(second).toMatchObject({ key: 'metrics/job/nfs', job: 'nfs', method: 'put' })
        expect(await ledger.claimPush('pushgateway', at(59), 60_000)).toBeUndefined()
        // Who claimed it died.
        expect(await ledger.claimPush('pushgateway', at(62), 60_000)).toMatchObject({ attempts: 2 })
        await ledger.notePush(second, { state: 'kept', at: at(2), keptThere: at(3), answer: 'HTTP 200' })
        expect(await ledger.pushes('pushgateway')).toMatchObject([
          { key: '', state: 'pending' },
          { key: 'metrics/job/nfs', state: 'kept', keptAt: at(2), keptThere: at(3), answer: 'HTTP 200' },
        ])
        expect(await ledger.pushes('otlp')).toEqual([])
        expect(await ledger.pushTotals()).toEqual([{ target: 'pushgateway', state: 'kept', pushes: 1 }])
      })

      it('are sent after each run, also when they say the same', async () => {
        await want([{ ...nfs, ranAt: at(0) }], 1)
        const first = await claimed(1)
        expect(first).not.toHaveProperty('ranAt')
        await ledger.notePush(first, { state: 'kept', at: at(2) })
        expect(await want([{ ...nfs, ranAt: at(0) }], 3)).toBe(0)
        expect(await want([{ ...nfs, ranAt: at(3) }], 4)).toBe(1)
        await ledger.notePush(await claimed(4), { state: 'kept', at: at(5) })
        expect(await want([{ ...nfs, ranAt: at(3) }], 6)).toBe(0)
      })

      it('that were overtaken while on their way are sent again', async () => {
        await want([nfs], 0)
        const old = await claimed(0)
        expect(await want([{ ...nfs, body: 'a 2\n' }], 1)).toBe(1)
        // Nobody sends the newer one while the older may still arrive behind it.
        expect(await ledger.claimPush('pushgateway', at(1), 60_000)).toBeUndefined()
        await ledger.notePush(old, { state: 'kept', at: at(2) })
        const fresh = await claimed(2)
        expect(fresh).toMatchObject({ body: 'a 2\n', state: 'pending', keptAt: at(2), madeAt: at(0) })
        await ledger.notePush(fresh, { state: 'kept', at: at(3) })
        expect(await ledger.pushes()).toMatchObject([{ state: 'kept', keptAt: at(3) }])
      })

      it('wait together where nobody answers, and go at once when somebody asks again', async () => {
        await want([nfs, all], 0)
        await ledger.notePush(await claimed(0), { state: 'pending', at: at(1), nextAt: at(10), problem: away })
        expect(await ledger.claimPush('pushgateway', at(9), 60_000)).toBeUndefined()
        expect(await want([nfs, all], 5, true)).toBe(2)
        await ledger.notePush(await claimed(5), { state: 'refused', at: at(6), problem: { ...away, retry: 'never' } })
        expect(await ledger.pushes()).toMatchObject([{ state: 'refused' }, { state: 'pending' }])
        expect(await want([nfs, all], 7)).toBe(0)
        expect(await want([nfs, all], 7, true)).toBe(2)
      })

      it('of jobs that are gone are deleted, once', async () => {
        await want([nfs], 0)
        await ledger.notePush(await claimed(0), { state: 'kept', at: at(0) })
        expect(await want([], 1)).toBe(1)
        expect(await want([], 2)).toBe(0)
        const gone = await claimed(2)
        expect(gone).toMatchObject({ method: 'delete', body: '', madeAt: at(1) })
        await ledger.notePush(gone, { state: 'pending', at: at(2), nextAt: at(3), problem: away })
        await ledger.notePush(await claimed(3), { state: 'kept', at: at(4) })
        expect(await ledger.pushes()).toEqual([])
      })

      it('that come back before they were deleted are sent', async () => {
        await want([nfs], 0)
        await want([], 1)
        const gone = await claimed(1)
        await want([nfs], 2)
        await ledger.notePush(gone, { state: 'kept', at: at(2) })
        expect(await claimed(2)).toMatchObject({ method: 'put', body: 'a 1\n' })
      })

      it('that were lost are sent again, and those of other places are forgotten', async () => {
        await want([nfs, all], 0)
        for (const _ of [1, 2]) await ledger.notePush(await claimed(0), { state: 'kept', at: at(0) })
        expect(await ledger.resendPushes('pushgateway', 'http://gate', ['metrics/job/nfs', 'x'], at(9))).toBe(1)
        expect(await claimed(9)).toMatchObject({ job: 'nfs', madeAt: at(9) })
        expect(await ledger.resendPushes('pushgateway', 'http://gate', undefined, at(9))).toBe(1)
        expect(await ledger.forgetPushes('pushgateway', 'http://gate')).toEqual([])
        expect(await ledger.forgetPushes('pushgateway', 'http://other')).toMatchObject([{ key: '' }, { job: 'nfs' }])
        expect(await ledger.pushes()).toEqual([])
      })
    })

    describe('incidents and deliveries', () => {
      const facts = (key: string, more: Partial<IncidentFacts> = {}): IncidentFacts => ({
        key,
        kind: 'job',
        name: key,
        state: 'failing',
        severity: 'critical',
        reason: 'it failed',
        next: 'look',
        since: at(-10),
        ...more,
      })
      const delivery = (id: string, more: Partial<Delivery> = {}): Delivery => ({
        id,
        notifier: 'phone',
        message: {
          kind: 'incidents',
          title: 'one job fails',
          severity: 'critical',
          entries: [{ event: 'opened', openedAt: at(1), since: at(-10), ...facts('nfs'), lastGood: at(-99) }],
          host: 'alpha',
          at: at(2),
        },
        madeAt: at(2),
        state: 'pending',
        attempts: 0,
        nextAt: at(2),
        ...more,
      })

      it('open once, change, and close', async () => {
        const ledger = await opened()
        const nothing = { opened: [], changed: [], closed: [] }
        await ledger.changeIncidents({ ...nothing, opened: [facts('nfs'), facts('db')] }, at(1))
        await ledger.changeIncidents({ ...nothing, opened: [facts('nfs')] }, at(2))
        const open = await ledger.incidents({})
        expect(open).toEqual([
          { ...facts('nfs'), number: 1, openedAt: at(1) },
          { ...facts('db'), number: 2, openedAt: at(1) },
        ])
        const changed = [{ number: 2, facts: facts('db', { state: 'late' }) }]
        await ledger.changeIncidents({ ...nothing, changed, closed: [1] }, at(3))
        expect(await ledger.incidents({})).toMatchObject([{ number: 2, state: 'late', openedAt: at(1) }])
        expect(await ledger.incidents({ closedSince: at(3) })).toMatchObject([
          { number: 1, closedAt: at(3) },
          { number: 2 },
        ])
        expect(await ledger.incidents({ closedSince: at(4) })).toHaveLength(1)
        await ledger.changeIncidents({ ...nothing, opened: [facts('nfs')] }, at(5))
        expect((await ledger.incidents({})).map(({ number }) => number)).toEqual([2, 3])
      })

      it('are told once to each notifier, together with the delivery', async () => {
        const ledger = await opened()
        const told = [{ incident: 1, event: 'opened' }] as const
        expect(await ledger.enqueue(delivery('a'), told)).toBe(true)
        expect(await ledger.enqueue(delivery('b'), [{ incident: 2, event: 'opened' }, ...told])).toBe(false)
        expect(await ledger.enqueue(delivery('c', { notifier: 'ops' }), told)).toBe(true)
        expect((await ledger.deliveries({ most: 9 })).map(({ id }) => id)).toEqual(['c', 'a'])
        expect(await ledger.told('phone', [1, 2])).toEqual([{ incident: 1, event: 'opened', at: at(2) }])
        for (const id of ['d', 'e'])
          expect(await ledger.enqueue(delivery(id), [{ incident: 1, event: 'reminder' }])).toBe(true)
      })

      it('go to one process at a time, and come back when it dies', async () => {
        const place = factory.newPlace()
        const [ledger, other] = [await opened(place), await opened(place)]
        await ledger.enqueue(delivery('a'), [])
        await ledger.enqueue(delivery('b', { nextAt: at(100) }), [])
        expect(await ledger.claimDelivery('phone', at(1), 60_000)).toBeUndefined()
        expect(await ledger.claimDelivery('ops', at(2), 60_000)).toBeUndefined()
        expect(await ledger.claimDelivery('phone', at(2), 60_000)).toEqual(delivery('a', { attempts: 1 }))
        expect(await other.claimDelivery('phone', at(3), 60_000)).toBeUndefined()
        expect(await other.claimDelivery('phone', at(62), 60_000)).toEqual(delivery('a', { attempts: 2 }))
      })

      it('are tried until they end, and counted', async () => {
        const ledger = await opened()
        await ledger.enqueue(delivery('a'), [])
        const problem = { code: 'notify.refused', message: 'no', next: 'look', retry: 'soon' } as const
        await ledger.claimDelivery('phone', at(2), 60_000)
        await ledger.noteAttempt('a', {
          state: 'pending',
          at: at(3),
          nextAt: at(30),
          problem,
          answer: '503',
          refusals: 1,
          parts: ['1/2'],
        })
        expect(await ledger.deliveries({ most: 9 })).toEqual([
          delivery('a', { attempts: 1, nextAt: at(30), problem, answer: '503', refusals: 1, parts: ['1/2'] }),
        ])
        expect(await ledger.claimDelivery('phone', at(29), 60_000)).toBeUndefined()
        // What a try does not say stays as it was.
        expect(await ledger.claimDelivery('phone', at(30), 60_000)).toMatchObject({ refusals: 1, parts: ['1/2'] })
        await ledger.noteAttempt('a', { state: 'pending', at: at(30), nextAt: at(30) })
        expect(await ledger.claimDelivery('phone', at(30), 60_000)).toMatchObject({ refusals: 1, parts: ['1/2'] })
        await ledger.noteAttempt('a', { state: 'delivered', at: at(31), answer: '200' })
        await ledger.noteAttempt('a', { state: 'dead', at: at(32) })
        await ledger.enqueue(delivery('b'), [])
        const instead = delivery('b2', { notifier: 'ops', insteadOf: 'phone', madeAt: at(33) })
        await ledger.noteAttempt('b', { state: 'dead', at: at(33), problem, instead })
        expect(await ledger.deliveries({ states: ['pending'], most: 9 })).toEqual([instead])
        expect(await ledger.deliveries({ states: ['delivered'], most: 9 })).toMatchObject([
          { state: 'delivered', doneAt: at(31), attempts: 3 },
        ])
        expect(await ledger.deliveryTotals()).toEqual(
          expect.arrayContaining([
            { notifier: 'phone', state: 'delivered', deliveries: 1 },
            { notifier: 'phone', state: 'dead', deliveries: 1 },
          ]),
        )
      })

      it('are trimmed when they are long over, and never before', async () => {
        const ledger = await opened()
        await ledger.changeIncidents({ opened: [facts('a'), facts('b')], changed: [], closed: [] }, at(1))
        await ledger.changeIncidents({ opened: [], changed: [], closed: [1] }, at(2))
        await ledger.enqueue(delivery('a'), [{ incident: 1, event: 'opened' }])
        await ledger.enqueue(delivery('b'), [{ incident: 2, event: 'opened' }])
        await ledger.noteAttempt('a', { state: 'dead', at: at(3) })
        const limits = { readingsBefore: at(0), goneBefore: at(0) }
        await ledger.trim({ ...limits, runsBefore: at(2) })
        expect(await ledger.incidents({ closedSince: at(0) })).toHaveLength(2)
        await ledger.trim({ ...limits, runsBefore: at(1000) })
        expect((await ledger.incidents({ closedSince: at(0) })).map(({ number }) => number)).toEqual([2])
        expect((await ledger.deliveries({ most: 9 })).map(({ id }) => id)).toEqual(['b'])
        expect(await ledger.told('phone', [1, 2])).toHaveLength(1)
      })
    })

    describe('alerts and diagnoses', () => {
      const intake = (text: string, seconds = 0) =>
        ({ way: 'webhook', receivedAt: at(seconds), body: new TextEncoder().encode(text) }) as const
      const alert = (fingerprint: string, more: Partial<SortedAlert> = {}): SortedAlert => ({
        fingerprint,
        status: 'firing',
        labels: { alertname: 'BackupFailed', id: '1' },
        annotations: {},
        startsAt: at(0),
        counts: true,
        group: 'plan/1',
        way: 'webhook',
        receivedAt: at(1),
        truncated: 0,
        ...more,
      })
      const digest = (alerts: readonly SortedAlert[], more: Partial<Digest> = {}): Digest => ({
        intakes: [],
        alerts,
        now: at(1),
        waitMs: 30_000,
        opensWhenResolved: false,
        ...more,
      })
      const finding: Finding = {
        outcome: 'PARTIAL',
        cause: 'partial',
        evidence: [{ text: 'one of two', source: 'redis' }],
        next: 'look',
        plans: [],
        parts: [{ kind: 'module', name: 'mail1', state: 'failed', at: at(3), source: 'redis' }],
        probes: [],
      }
      const incident: IncidentFacts = {
        key: 'alert/plan/1',
        kind: 'alert',
        name: 'Daily',
        state: 'failing',
        severity: 'warning',
        reason: 'one of two',
        next: 'look',
      }
      const message = {
        kind: 'answer',
        title: 't',
        severity: 'warning',
        entries: [],
        host: 'alpha',
        at: at(31),
      } as const
      const delivery = (id: string): Delivery => ({
        id,
        notifier: 'ops',
        message,
        madeAt: at(31),
        state: 'pending',
        attempts: 0,
        nextAt: at(31),
      })

      it('keeps bodies that arrive together, byte for byte, until they are sorted', async () => {
        const place = factory.newPlace()
        const ledger = await opened(place)
        await Promise.all(['a', '\u0000\ud83d\ude00', 'c'].map((text, n) => ledger.recordIntake(intake(text, n))))
        const other = await opened(place)
        expect(await other.intakeBacklog()).toMatchObject({ bodies: 3, oldest: at(0) })
        const kept = await other.intakes({ bodies: 2, bytes: 1_000_000 })
        expect(kept.map(({ body }) => new TextDecoder().decode(body))).toEqual(['a', '\u0000\ud83d\ude00'])
        expect(await other.intakes({ bodies: 9, bytes: 0 })).toHaveLength(1)
        await other.digest(digest([alert('f1')], { intakes: kept.map(({ number }) => number) }))
        expect(await ledger.intakes({ bodies: 9, bytes: 1_000_000 })).toMatchObject([{ receivedAt: at(2) }])
        // What is gone leaves no number behind that another body could get.
        const [last] = await ledger.intakes({ bodies: 9, bytes: 1_000_000 })
        await ledger.digest(digest([], { intakes: [last?.number ?? 0] }))
        await ledger.recordIntake(intake('d', 3))
        expect((await ledger.intakes({ bodies: 9, bytes: 1_000_000 }))[0]?.number).toBeGreaterThan(last?.number ?? 0)
        expect(await ledger.verify()).toEqual([])
      })

      it('knows an alert that is told twice, and counts what became of each', async () => {
        const ledger = await opened()
        const over = alert('f1', { status: 'resolved', endsAt: at(5) })
        const ignored = alert('f9', { counts: false, group: '' })
        expect(await ledger.digest(digest([alert('f1'), alert('f1'), over, ignored]))).toEqual({ fresh: 3 })
        expect(await ledger.digest(digest([alert('f1'), over]))).toEqual({ fresh: 0 })
        // The same alert that began anew is another one.
        expect(await ledger.digest(digest([alert('f1', { startsAt: at(60) })]))).toEqual({ fresh: 1 })
        expect(await ledger.knownAlerts([alertKey(over), 'x'])).toEqual(new Set([alertKey(over)]))
        expect(await ledger.alerts({ most: 9 })).toHaveLength(4)
        expect(await ledger.alertTotals()).toEqual(
          expect.arrayContaining([
            { way: 'webhook', fate: 'firing', alerts: 2 },
            { way: 'webhook', fate: 'resolved', alerts: 1 },
            { way: 'webhook', fate: 'ignored', alerts: 1 },
            { way: 'webhook', fate: 'repeated', alerts: 2 },
          ]),
        )
      })

      it('are looked into once a group, after the wait, by one process at a time', async () => {
        const place = factory.newPlace()
        const ledger = await opened(place)
        await ledger.digest(digest([alert('f1'), alert('f2', { group: 'plan/2' })]))
        await ledger.digest(
          digest([alert('f3'), alert('f4', { group: 'plan/3', status: 'resolved' })], { now: at(20) }),
        )
        expect(await ledger.nextDiagnosisAt()).toEqual(at(31))
        expect(await ledger.claimDiagnosis(at(30), 60_000)).toBeUndefined()
        const other = await opened(place)
        const [one, two] = [await ledger.claimDiagnosis(at(31), 60_000), await other.claimDiagnosis(at(31), 60_000)]
        expect([one?.group, two?.group].sort()).toEqual(['plan/1', 'plan/2'])
        expect(await other.claimDiagnosis(at(31), 60_000)).toBeUndefined()
        const mine = one?.group === 'plan/1' ? one : two
        expect(mine).toMatchObject({ state: 'waiting', attempts: 1, openedAt: at(1), dueAt: at(31) })
        expect(mine?.alerts).toEqual([alert('f1'), alert('f3')])
        // Whoever claimed it died: it comes back.
        expect(await other.claimDiagnosis(at(92), 60_000)).toMatchObject({ attempts: 2 })
      })

      it('open by something else, and by what is over only where that is wanted', async () => {
        const ledger = await opened()
        await ledger.openDiagnosis('plan/7', at(1), 5_000)
        await ledger.openDiagnosis('plan/7', at(2), 5_000)
        await ledger.digest(digest([alert('f1', { status: 'resolved' })], { opensWhenResolved: true }))
        expect((await ledger.diagnoses({ most: 9 })).map(({ group }) => group).sort()).toEqual(['plan/1', 'plan/7'])
        expect(await ledger.claimDiagnosis(at(6), 1)).toMatchObject({ group: 'plan/7', alerts: [] })
      })

      it('are concluded once, with incident and messages, all or nothing', async () => {
        const ledger = await opened()
        await ledger.digest(digest([alert('f1')]))
        const { id = '' } = (await ledger.claimDiagnosis(at(31), 60_000)) ?? {}
        const seen = ['f1', 'f2'].map((fingerprint) => alertKey(alert(fingerprint)))
        const conclusion = { at: at(31), seen, finding, incident, closes: [], deliveries: [delivery('d1')] }
        expect(await ledger.concludeDiagnosis(id, conclusion)).toBe(true)
        expect(await ledger.concludeDiagnosis(id, { ...conclusion, deliveries: [delivery('d2')] })).toBe(false)
        expect(await ledger.deliveries({ most: 9 })).toEqual([delivery('d1')])
        const [open] = await ledger.incidents({})
        expect(open).toMatchObject({ key: 'alert/plan/1', number: 1 })
        expect(await ledger.told('ops', [1])).toEqual([{ incident: 1, event: 'opened', at: at(31) }])
        expect(await ledger.diagnoses({ states: ['done'], most: 9 })).toMatchObject([{ finding, doneAt: at(31) }])
        // The next of the group brings it up to date, and one that is well closes it.
        await ledger.digest(digest([alert('f2')], { now: at(100) }))
        const again = await ledger.claimDiagnosis(at(200), 60_000)
        await ledger.concludeDiagnosis(again?.id ?? '', { ...conclusion, at: at(200), deliveries: [delivery('d3')] })
        expect(await ledger.incidents({})).toHaveLength(1)
        expect((await ledger.deliveries({ most: 9 })).map((one) => one.id).sort()).toEqual(['d1', 'd3'])
        await ledger.openDiagnosis('plan/1', at(300), 0)
        const last = await ledger.claimDiagnosis(at(300), 60_000)
        const well: Finding = { ...finding, outcome: 'SUCCESS', cause: 'false alarm' }
        await ledger.concludeDiagnosis(last?.id ?? '', {
          at: at(300),
          seen,
          finding: well,
          closes: ['alert/plan/1'],
          deliveries: [],
        })
        expect(await ledger.incidents({})).toEqual([])
        expect(await ledger.diagnosisTotals()).toEqual(
          expect.arrayContaining([
            { outcome: 'PARTIAL', cause: 'partial', diagnoses: 2 },
            { outcome: 'SUCCESS', cause: 'false alarm', diagnoses: 1 },
          ]),
        )
        expect(await ledger.verify()).toEqual([])
      })

      it('that come while their group is looked into wait for their own turn', async () => {
        const ledger = await opened()
        await ledger.digest(digest([alert('f1')]))
        const one = await ledger.claimDiagnosis(at(31), 60_000)
        await ledger.digest(digest([alert('f2')], { now: at(32) }))
        const seen = one?.alerts.map(alertKey) ?? []
        await ledger.concludeDiagnosis(one?.id ?? '', { at: at(40), seen, finding, closes: [], deliveries: [] })
        const next = await ledger.claimDiagnosis(at(40), 60_000)
        expect(next).toMatchObject({ group: 'plan/1', attempts: 1 })
        expect(next?.alerts.map(({ fingerprint }) => fingerprint)).toEqual(['f2'])
        expect((await ledger.diagnoses({ states: ['done'], most: 9 }))[0]?.alerts).toHaveLength(1)
        expect(await ledger.alerts({ group: 'plan/1', since: at(1), most: 9 })).toHaveLength(2)
        expect(await ledger.verify()).toEqual([])
      })

      it('are trimmed when they are long over, with their alerts, and never before', async () => {
        const ledger = await opened()
        await ledger.digest(digest([alert('f1'), alert('f2', { group: 'plan/2' }), alert('f3', { counts: false })]))
        const one = await ledger.claimDiagnosis(at(31), 60_000)
        await ledger.concludeDiagnosis(one?.id ?? '', {
          at: at(31),
          seen: one?.alerts.map(alertKey) ?? [],
          finding,
          closes: [],
          deliveries: [],
        })
        await ledger.trim({ readingsBefore: at(1000), goneBefore: at(0), runsBefore: at(0) })
        expect((await ledger.alerts({ most: 9 })).map(({ fingerprint }) => fingerprint).sort()).toEqual(['f1', 'f2'])
        await ledger.trim({ readingsBefore: at(1000), goneBefore: at(0), runsBefore: at(1000) })
        expect(await ledger.diagnoses({ most: 9 })).toMatchObject([{ state: 'waiting' }])
        expect(await ledger.alerts({ most: 9 })).toHaveLength(1)
      })
    })
  })
}
