/** Alerts about Muster's own jobs and repositories, looked into with real restic: outcome, cause, and one answer. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backUp } from '../../src/app/backup.ts'
import type { App } from '../../src/app/context.ts'
import { closeAlarm } from '../../src/app/diagnosing/close.ts'
import { recheck } from '../../src/app/diagnosing/recheck.ts'
import { check } from '../../src/app/maintenance.ts'
import { readRepository } from '../../src/app/reading.ts'
import { standingOf } from '../../src/app/standing.ts'
import type { SortedAlert } from '../../src/model/alert.ts'
import type { Diagnosis } from '../../src/model/diagnosis.ts'
import { makeApp, openedLedger } from '../notify/app.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { accessOf, resticUnderTest } from '../restic/under-test.ts'
import { askAbout } from './ask.ts'

const version = '0.18'
const { signal } = new AbortController()
let place: Place
let app: App & AsyncDisposable

beforeAll(async () => {
  place = makePlace()
  for (const name of ['files', 'other']) {
    mkdirSync(place.at(name))
    writeFileSync(place.at(name, 'a.txt'), `content of ${name}\n`.repeat(500))
  }
  writeFileSync(place.at('password'), 'canary-right-password\n', { mode: 0o600 })
  const repository = {
    tool: 'restic',
    program: program(`restic-${version}`),
    password: { file: place.at('password') },
    space: { by: 'off' },
  }
  const text = JSON.stringify({
    repositories: {
      box: { ...repository, url: place.at('box') },
      far: { ...repository, url: place.at('far') },
    },
    jobs: {
      files: { repository: 'box', sources: [place.at('files')], schedule: '0 3 * * *', guard: { minFiles: 1 } },
      other: { repository: 'far', sources: [place.at('other')] },
    },
    notify: {
      mail: { kind: 'email', to: ['ops@example.com'] },
      phone: { kind: 'ntfy', topic: 't', severity: 'critical' },
    },
  })
  const ledger = await openedLedger(place.at('state'))
  const made = makeApp(text, ledger)
  app = {
    ...made,
    env: { MUSTER_STATE: place.at('state') },
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  }
  for (const job of ['files', 'other']) await run(job, true)
  cpSync(place.at('box'), place.at('box-as-it-was'), { recursive: true })
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  place[Symbol.dispose]()
})

async function run(job: string, init = false): Promise<string | undefined> {
  const round = await backUp(app, job, { trigger: 'manual', init, dryRun: false, locks: true, signal, watcher: {} })
  return round.runs[0]?.outcome
}

const ask = (labels: Record<string, string>, more: Partial<SortedAlert> = {}, using = app): Promise<Diagnosis> =>
  askAbout(using, labels, more)
const found = async (labels: Record<string, string>): Promise<unknown[]> => {
  const { finding } = await ask(labels)
  return [finding?.outcome, finding?.cause, finding?.probes.map(({ soundness }) => soundness).join()]
}
/** Some pack, by its whole path. */
const packIn = (repository: string): string =>
  readdirSync(join(repository, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))[0] ?? ''

const jobAlert = { alertname: 'MusterJobFailing', job: 'files', repository: 'box' }

/** What was done to the repository or the source is undone. */
const restore = async (): Promise<void> => {
  rmSync(place.at('box'), { recursive: true, force: true })
  cpSync(place.at('box-as-it-was'), place.at('box'), { recursive: true })
  await readRepository(app, 'box', { signal, locks: true })
}

describe('an alert about a job', () => {
  it('is a false alarm where all is well, and one answer says so', async () => {
    expect(await found(jobAlert)).toEqual(['SUCCESS', 'false alarm', 'sound'])
    const [answer, ...more] = await app.ledger.deliveries({ most: 9 })
    expect(more).toEqual([])
    expect(answer).toMatchObject({
      notifier: 'mail',
      message: { kind: 'answer', subject: '[Backup] ✅ Backup completed successfully', severity: 'good' },
    })
    expect(await app.ledger.incidents({})).toEqual([])
  })

  it('is about a job that failed for its source', async () => {
    renameSync(place.at('files'), place.at('hidden'))
    expect(await run('files')).toBe('failed')
    const { finding, id } = await ask(jobAlert)
    renameSync(place.at('hidden'), place.at('files'))
    expect(finding).toMatchObject({
      outcome: 'REPO_FAILURE',
      cause: 'source',
      probes: [{ soundness: 'sound', snapshots: 1 }],
    })
    expect(finding?.parts[0]).toMatchObject({ name: 'files', state: 'failed', lastGood: expect.any(Date) })
    const told = (await app.ledger.deliveries({ most: 9 })).filter(({ message }) => message.severity === 'critical')
    expect(told.map(({ notifier }) => notifier).sort()).toEqual(['mail', 'phone'])
    const [incident] = await app.ledger.incidents({})
    expect(incident).toMatchObject({ kind: 'alert', name: 'files', severity: 'critical' })
    expect((await app.ledger.told('mail', [incident?.number ?? 0])).map(({ event }) => event)).toEqual(['opened'])
    expect((await standingOf(app, { configLoadedAt: app.now() })).diagnoses?.open).toMatchObject([{ name: 'files' }])
    expect(JSON.stringify([finding, id, told])).not.toContain('canary')
  })

  it('is about a password that was changed', async () => {
    writeFileSync(place.at('password'), 'canary-wrong-password\n')
    expect(await run('files')).toBe('failed')
    expect(await found(jobAlert)).toEqual(['REPO_FAILURE', 'credentials', 'credentials'])
    writeFileSync(place.at('password'), 'canary-right-password\n')
    expect(await run('files')).toBe('ok')
  })

  it('is about a lock', async () => {
    await using _holder = await resticUnderTest(version).holdLock({
      ...accessOf(version, place.at('box'), 'canary-right-password'),
    })
    expect(await found({ alertname: 'MusterLockOld', repository: 'box' })).toEqual(['PARTIAL', 'lock', 'locked'])
  })

  it('is about a repository that is gone', async () => {
    rmSync(place.at('box'), { recursive: true })
    expect(await run('files')).toBe('failed')
    expect(await found(jobAlert)).toEqual(['REPO_FAILURE', 'store unreachable', 'gone'])
    await restore()
  })

  it('is about a damaged repository', async () => {
    expect(await run('files')).toBe('ok')
    chmodSync(place.at('box', 'config'), 0o600)
    writeFileSync(place.at('box', 'config'), 'not what it was')
    expect(await found({ alertname: 'MusterRepositoryUnreadable', repository: 'box' })).toEqual([
      'REPO_FAILURE',
      'tool error',
      'damaged',
    ])
    await restore()
  })
})

describe('nothing is called fine', () => {
  const outcome = async (labels: Record<string, string>, more: Partial<SortedAlert> = {}): Promise<unknown> =>
    (await ask(labels, more)).finding?.outcome

  it('that only shares a name with something of ours', async () => {
    expect(await outcome({ alertname: 'BackupFailed', job: 'files', instance: 'db9:9100', host: 'db9' })).toBe(
      'UNKNOWN',
    )
    expect(await outcome({ alertname: 'backup_failed', instance: 'db9:9100', location: 'files' })).toBe('UNKNOWN')
    expect(await outcome({ alertname: 'BackupFailed', exported_job: 'files', job: 'muster' })).toBe('SUCCESS')
  })

  it('because another alert of its group is', async () => {
    const now = app.now()
    const alert = (fingerprint: string, labels: Record<string, string>): SortedAlert => ({
      fingerprint,
      status: 'firing',
      labels,
      annotations: { summary: 'what the rule says' },
      startsAt: now,
      counts: true,
      group: 'mixed',
      way: 'webhook',
      receivedAt: now,
      truncated: 0,
    })
    const other = alert('mixed-1', { alertname: 'BackupFailed', job: 'oracle-prod', instance: 'db9' })
    await app.ledger.digest({ intakes: [], alerts: [other], now, waitMs: 0, opensWhenResolved: true })
    const { finding } = await ask(jobAlert, { group: 'mixed' })
    expect(finding).toMatchObject({ outcome: 'UNKNOWN' })
    expect(finding?.parts.map(({ name, state }) => [name, state])).toEqual([
      ['files', 'ok'],
      ['BackupFailed of db9', 'unknown'],
    ])
    const [told] = await app.ledger.deliveries({ notifier: 'mail', most: 1 })
    expect(JSON.stringify(told?.message)).toMatch(/instance=db9.*what the rule says/)
  })

  it('while a check of it fails, or what a rule is about is not looked at', async () => {
    const pack = packIn(place.at('box'))
    chmodSync(pack, 0o600)
    const bytes = readFileSync(pack)
    const middle = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    writeFileSync(pack, bytes)
    const checked = await check(app, 'box', { trigger: 'manual', signal, watcher: {}, readData: '100%' })
    expect(checked.outcome).toBe('failed')
    const { finding } = await ask({ alertname: 'MusterCheckFailing', repository: 'box' })
    expect(finding?.outcome).toBe('PARTIAL')
    expect(finding?.parts).toContainEqual(expect.objectContaining({ name: 'check of box', state: 'failed' }))
    await restore()
    await check(app, 'box', { trigger: 'manual', signal, watcher: {} })
    expect(await outcome({ alertname: 'MusterUpkeepOverdue', repository: 'box', operation: 'check' })).not.toBe(
      'SUCCESS',
    )
  })

  it('whose repository went since its last good run, or lost what it held', async () => {
    renameSync(place.at('box'), place.at('box-moved'))
    expect(await found(jobAlert)).toEqual(['REPO_FAILURE', 'store unreachable', 'gone'])
    renameSync(place.at('box-moved'), place.at('box'))
    await readRepository(app, 'box', { signal, locks: true, stats: true })
    rmSync(place.at('box', 'data'), { recursive: true })
    mkdirSync(place.at('box', 'data'))
    expect(await found({ alertname: 'BackupFailed', repository: 'box' })).toEqual([
      'REPO_FAILURE',
      'tool error',
      'damaged',
    ])
    await restore()
  })
})

describe('what an alert told of', () => {
  const failing = async (more: Partial<SortedAlert>): Promise<void> => {
    renameSync(place.at('files'), place.at('hidden'))
    await run('files')
    await ask(jobAlert, more)
    renameSync(place.at('hidden'), place.at('files'))
  }
  const open = async (group: string): Promise<number> =>
    (await app.ledger.incidents({})).filter(({ key }) => key === `alert/${group}`).length

  it('is over when it is resolved, and that is told to whoever wants to know', async () => {
    const same = { group: 'again', fingerprint: 'same', startsAt: app.now() }
    await failing(same)
    expect(await open('again')).toBe(1)
    const before = (await app.ledger.deliveries({ most: 99 })).length
    const wants: App = { ...app, config: { ...app.config, diagnose: { ...app.config.diagnose, resolved: true } } }
    await ask(jobAlert, { ...same, status: 'resolved', endsAt: app.now() }, { ...app, ...wants })
    expect(await open('again')).toBe(0)
    const told = (await app.ledger.deliveries({ most: 99 })).slice(0, -before)
    expect(told.map(({ message }) => message.subject)).toEqual(['[Backup] ✅ The alarm is over: files'])
  })

  it('is not over while another alert of its group fires', async () => {
    const startsAt = app.now()
    await failing({ group: 'two', fingerprint: 'one', startsAt })
    await ask(jobAlert, { group: 'two', fingerprint: 'other', startsAt, status: 'resolved' })
    expect(await open('two')).toBe(1)
  })

  it('is not over while one fires that another answer told of', async () => {
    const startsAt = app.now()
    await failing({ group: 'three', fingerprint: 'a', startsAt })
    await ask(jobAlert, { group: 'three', fingerprint: 'b', startsAt })
    await ask(jobAlert, { group: 'three', fingerprint: 'b', startsAt, status: 'resolved' })
    expect(await open('three')).toBe(1)
    await ask(jobAlert, { group: 'three', fingerprint: 'a', startsAt, status: 'resolved' })
    expect(await open('three')).toBe(0)
  })

  it('is over when everything ended well since, though nobody calls it off, or when a person says so', async () => {
    const standing = () => standingOf(app, { configLoadedAt: app.now() })
    await recheck(app, standing, undefined, signal)
    expect(await open('two')).toBe(1)
    expect(await run('files')).toBe('ok')
    await recheck(app, standing, undefined, signal)
    expect(await open('two')).toBe(0)
    await failing({ group: 'by hand' })
    const [last] = await app.ledger.diagnoses({ group: 'by hand', most: 1 })
    expect(await closeAlarm(app, last?.id.slice(-8) ?? '')).toEqual({ ok: true, value: 'files' })
    expect(await open('by hand')).toBe(0)
  })
})

describe('an alert', () => {
  it('that names nothing of ours is unknown, and never fine', async () => {
    expect(await found({ alertname: 'VeleroBackupFailed', namespace: 'x' })).toEqual(['UNKNOWN', 'unknown', ''])
  })

  it('that names a host is about its backup sets', async () => {
    const { finding } = await ask({ alertname: 'BackupFailed', instance: `${hostname()}:9100` })
    expect(finding?.parts.map(({ kind }) => kind)).toContain('backup set')
  })
})
