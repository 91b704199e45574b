import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/context.ts'
import { verifySoon } from '../../src/app/verify.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { ledgerContract } from '../contracts/ledger.contract.ts'

const root = mkdtempSync(join(tmpdir(), 'muster-ledger-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
const newPlace = (): string => join(root, String(++count))
const now = new Date('2026-11-21T10:00:00Z')

async function open(place: string): Promise<Ledger> {
  const opened = await openSqliteLedger(place, now)
  if (!opened.ok) throw new Error(opened.problem.message)
  return opened.value
}

ledgerContract({ engine: 'SQLite', open, newPlace })

/** A ledger with a few facts, closed, all of it in the one file. */
async function filled(): Promise<{ place: string; file: string; bytes: Buffer }> {
  const place = newPlace()
  const ledger = await open(place)
  const owner = { host: 'h', pid: 1, started: '', boot: '' }
  for (let run = 0; run < 20; run++) {
    const id = `run-${run}`
    await ledger.beginRun({
      id,
      roundId: id,
      job: 'nfs',
      repository: 'offsite',
      operation: 'backup',
      trigger: 'manual',
      startedAt: now,
      owner,
      exclusive: true,
    })
    await ledger.closeRun(id, { endedAt: now, outcome: 'ok', snapshotId: 'ab'.repeat(32), counters: { filesNew: run } })
  }
  const snapshots = Array.from({ length: 10 }, (_, at) => ({
    id: String(at).repeat(64),
    takenAt: now,
    host: 'h',
    user: 'u',
    tags: [],
    paths: ['/srv'],
  }))
  await ledger.recordReading(
    { id: 'r', repository: 'offsite', startedAt: now, endedAt: now, way: 'restic', snapshots: 10 },
    snapshots,
  )
  const told = { annotations: {}, startsAt: now, counts: true, receivedAt: now, truncated: 0 } as const
  const alerts = Array.from({ length: 10 }, (_, at) => ({
    ...told,
    fingerprint: String(at).repeat(16),
    status: 'firing' as const,
    labels: { alertname: 'BackupFailed', id: String(at) },
    group: `plan/${at}`,
    way: 'webhook' as const,
  }))
  await ledger.digest({ intakes: [], alerts, now, waitMs: 30_000, opensWhenResolved: false })
  await ledger.recordIntake({ way: 'webhook', receivedAt: now, body: Buffer.from('{"alerts":[]}'.repeat(50)) })
  await ledger[Symbol.asyncDispose]()
  const file = join(place, 'muster.db')
  return { place, file, bytes: readFileSync(file) }
}

/** Everything the ledger says, for comparing. */
async function said(ledger: Ledger): Promise<unknown> {
  return JSON.stringify([
    await ledger.runs({ most: 99 }),
    await ledger.totals(),
    await ledger.lastReading('offsite'),
    await ledger.snapshots('offsite'),
    await ledger.diagnoses({ most: 99 }),
    (await ledger.intakes({ bodies: 99, bytes: 1e6 })).map(({ body, ...rest }) => ({ ...rest, body: String(body) })),
  ])
}

describe('the SQLite ledger on the disk', () => {
  it('makes its folder 0700 and its files 0600, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const place = newPlace()
      const ledger = await open(place)
      await ledger.writeMeta('a', 'b')
      expect(statSync(place).mode & 0o777).toBe(0o700)
      const modes = readdirSync(place).map((name) => statSync(join(place, name)).mode & 0o777)
      expect(modes.length).toBeGreaterThanOrEqual(3)
      expect(new Set(modes)).toEqual(new Set([0o600]))
      await ledger[Symbol.asyncDispose]()
    } finally {
      process.umask(before)
    }
  })

  it('takes back the rights that others have on an older file', async () => {
    const { place, file } = await filled()
    chmodSync(file, 0o644)
    await (await open(place))[Symbol.asyncDispose]()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('writes ahead and syncs every commit', async () => {
    const { file } = await filled()
    const database = new DatabaseSync(file, { readOnly: true })
    expect(Object.values(database.prepare('PRAGMA journal_mode').get() as object)).toEqual(['wal'])
    database.close()
    // SQLite keeps `synchronous` per connection and tells nobody outside, so the source is asked.
    expect(readFileSync(new URL('../../src/ledger/sqlite/open.ts', import.meta.url), 'utf8')).toContain(
      'PRAGMA synchronous = FULL',
    )
  })

  it('has the schema of the golden file', async () => {
    const { file } = await filled()
    const database = new DatabaseSync(file, { readOnly: true })
    const rows = database
      .prepare(
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC, name",
      )
      .all()
    database.close()
    await expect(`${rows.map((row) => (row as { sql: string }).sql).join(';\n\n')};\n`).toMatchFileSnapshot(
      '../golden/ledger-schema.sql',
    )
  })

  it('derives the sets and changes of a ledger of the first schema', async () => {
    const { place, file } = await filled()
    const before = await open(place)
    const sets = await before.sets('offsite')
    await before[Symbol.asyncDispose]()
    const database = new DatabaseSync(file)
    database.exec(`
      DROP TABLE backup_set; DROP TABLE repository_change; DROP TABLE change_count; DROP INDEX run_newest;
      DROP TABLE snapshot_detail; DROP TABLE finding; DROP TABLE space; DROP INDEX run_total_by_repository; DROP INDEX reading_with_size; DROP INDEX snapshot_gone;
      DROP INDEX snapshot_taken; DROP TABLE incident; DROP TABLE delivery; DROP TABLE told; DROP TABLE delivery_total; DROP TABLE push; DROP TABLE push_total; DROP TABLE intake; DROP TABLE intake_damaged; DROP TABLE alert; DROP TABLE alert_total; DROP TABLE diagnosis; DROP TABLE diagnosis_total; ALTER TABLE reading DROP COLUMN cpu_ms; ALTER TABLE run DROP COLUMN log; PRAGMA user_version = 1`)
    database.close()
    const ledger = await open(place)
    expect(ledger.degraded).toBeUndefined()
    expect(sets).toHaveLength(1)
    expect(await ledger.sets('offsite')).toEqual(sets)
    // Sealed before the newer columns were there.
    expect(await ledger.lastReading('offsite')).toMatchObject({ snapshots: expect.any(Number) })
    expect(await ledger.changesSince(0)).toMatchObject({
      repositories: new Set(['offsite']),
      jobs: new Set(['nfs']),
    })
    await ledger[Symbol.asyncDispose]()
  })

  it('refuses a newer schema and leaves it as it is', async () => {
    const { place, file } = await filled()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 999')
    database.close()
    const before = readFileSync(file)
    const opened = await openSqliteLedger(place, now)
    expect(opened).toMatchObject({ ok: false, problem: { code: 'ledger.newer' } })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('answers where no folder can ever be made', async () => {
    const opened = await openSqliteLedger('/proc/nowhere/state', now)
    expect(opened).toMatchObject({ ok: false, problem: { code: 'ledger.unwritable' } })
  })

  it('says what to do when the folder cannot be used', async () => {
    const place = newPlace()
    writeFileSync(place, 'a file, not a folder')
    const opened = await openSqliteLedger(place, now)
    expect(opened).toMatchObject({ ok: false, problem: { code: 'ledger.unwritable' } })
  })
})

describe('several processes on one ledger', () => {
  it('may all be the first: none takes a ledger in the making for damage', { timeout: 60_000 }, async () => {
    const racer = new URL('./racer.ts', import.meta.url).pathname
    for (let round = 0; round < 8; round++) {
      const place = newPlace()
      const race = (number: number) => promisify(execFile)(process.execPath, [racer, place, `${number}`, '3'])
      await Promise.all([1, 2, 3, 4, 5, 6].map(race))
      expect(readdirSync(place).filter((name) => name.includes('damaged'))).toEqual([])
      const ledger = await open(place)
      expect(await ledger.runs({ most: 99 })).toHaveLength(3)
      await ledger[Symbol.asyncDispose]()
    }
  })

  it('start each of 60 instants once, however they race', { timeout: 60_000 }, async () => {
    const place = newPlace()
    await (await open(place))[Symbol.asyncDispose]()
    const racer = new URL('./racer.ts', import.meta.url).pathname
    const outputs = await Promise.all(
      [1, 2, 3, 4].map(
        async (number) => (await promisify(execFile)(process.execPath, [racer, place, String(number), '60'])).stdout,
      ),
    )
    const won = outputs.flatMap((output) =>
      output
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    )
    expect(won.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, instant) => instant))
    const ledger = await open(place)
    expect(await ledger.runs({ most: 999 })).toHaveLength(60)
    expect(await ledger.verify()).toEqual([])
    await ledger[Symbol.asyncDispose]()
  })
})

describe('a damaged ledger', () => {
  /** Opens what was damaged: either everything is as it was, or the file lies beside, unchanged, and the ledger says so. */
  async function judge(place: string, file: string, whole: unknown): Promise<'unharmed' | 'set aside'> {
    const damaged = readFileSync(file)
    const opened = await openSqliteLedger(place, now)
    if (!opened.ok) throw new Error(opened.problem.message)
    const ledger = opened.value
    const answer = await said(ledger)
    const degraded = ledger.degraded
    await ledger[Symbol.asyncDispose]()
    if (degraded === undefined) {
      expect(answer).toBe(whole)
      return 'unharmed'
    }
    expect(degraded.code).toBe('ledger.damaged')
    const aside = readdirSync(place).filter((name) => name.includes('.damaged-') && !/-(?:wal|shm)$/.test(name))
    expect(aside).toHaveLength(1)
    expect(readFileSync(join(place, aside[0] ?? '')).equals(damaged)).toBe(true)
    return 'set aside'
  }

  const clear = (place: string, bytes: Buffer): void => {
    for (const name of readdirSync(place)) rmSync(join(place, name))
    writeFileSync(join(place, 'muster.db'), bytes, { mode: 0o600 })
  }

  it('is never silently empty or wrong after one of 1,000 flipped bytes', { timeout: 240_000 }, async () => {
    const { place, file, bytes } = await filled()
    const whole = await said(await open(place))
    const found = { unharmed: 0, 'set aside': 0 }
    for (let flip = 0; flip < 1000; flip++) {
      const copy = Buffer.from(bytes)
      const position = Math.floor((flip * bytes.length) / 1000) + (flip % 7)
      copy[position] = (copy[position] ?? 0) ^ (1 << (flip % 8))
      clear(place, copy)
      found[await judge(place, file, whole)]++
    }
    // Most of a small file is room that SQLite does not read; what it does read is checked.
    expect(found['set aside']).toBeGreaterThan(60)
  })

  it('is found after every one of 100 truncations', { timeout: 120_000 }, async () => {
    const { place, file, bytes } = await filled()
    const whole = await said(await open(place))
    for (let cut = 1; cut <= 100; cut++) {
      clear(place, bytes)
      truncateSync(file, Math.floor((bytes.length * cut) / 101))
      expect(await judge(place, file, whole)).toBe('set aside')
    }
  })

  it.each([
    ['a text file', Buffer.from('# not a database\n'.repeat(100))],
    ['a database of another program', foreignDatabase()],
  ])('sets %s aside', async (_, bytes) => {
    const { place, file } = await filled()
    clear(place, bytes)
    expect(await judge(place, file, '')).toBe('set aside')
  })

  it('is found in a large one soon after opening, told at once, and set aside by the next to open it', async () => {
    const place = newPlace()
    const file = join(place, 'muster.db')
    const ledger = await open(place)
    const snapshots = Array.from({ length: 8000 }, (_, at) => ({
      id: at.toString(16).padStart(8, '0').repeat(8),
      takenAt: now,
      host: 'h',
      user: 'u',
      tags: [],
      paths: [`/srv/a-folder-with-a-name-that-can-be-found-again/${at}`],
    }))
    await ledger.recordReading(
      { id: 'r', repository: 'offsite', startedAt: now, endedAt: now, way: 'restic' },
      snapshots,
    )
    await ledger[Symbol.asyncDispose]()
    const bytes = readFileSync(file)
    expect(bytes.length).toBeGreaterThan(2 * 1024 * 1024)
    bytes.write('X', bytes.indexOf('that-can-be-found-again/2999'))
    writeFileSync(file, bytes)
    const opened = await openSqliteLedger(place, now, { verifiedLater: true })
    if (!opened.ok) throw new Error(opened.problem.message)
    expect(opened.value.degraded).toBeUndefined()
    const logged: string[] = []
    const app = {
      ledger: opened.value,
      log: { error: (_: unknown, text: string) => logged.push(text) },
    } as unknown as App
    await verifySoon(app, new AbortController().signal, 0)
    expect(logged).toEqual([expect.stringContaining('a row of the table snapshot does not fit its checksum')])
    expect(opened.value.degraded).toMatchObject({ code: 'ledger.damaged' })
    await opened.value[Symbol.asyncDispose]()
    const next = await open(place)
    expect(next.degraded?.message).toContain('set aside')
    expect(await next.sets('offsite')).toEqual([])
    await next[Symbol.asyncDispose]()
  })

  it('stays degraded until a person removes the file that was set aside', async () => {
    const { place, bytes } = await filled()
    clear(place, Buffer.from('damaged beyond recognition'))
    await (await open(place))[Symbol.asyncDispose]()
    const again = await open(place)
    expect(again.degraded?.message).toContain('not an SQLite file')
    await again[Symbol.asyncDispose]()
    for (const name of readdirSync(place)) if (name.includes('.damaged-')) rmSync(join(place, name))
    const third = await open(place)
    expect(third.degraded).toBeUndefined()
    await third[Symbol.asyncDispose]()
    expect(existsSync(join(place, 'muster.db')) && bytes.length > 0).toBe(true)
  })
})

function foreignDatabase(): Buffer {
  const file = join(root, 'foreign.db')
  const database = new DatabaseSync(file)
  database.exec('CREATE TABLE bookmarks (url TEXT)')
  database.close()
  return readFileSync(file)
}
