/** Opens the ledger of a state folder: `muster.db`, SQLite in WAL mode, every commit synced. */
import { chmodSync, closeSync, openSync, readSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { makeFolder } from '../../system/folder.ts'
import type { Ledger } from '../ledger.ts'
import { migrations } from '../migrations.generated.ts'
import { sealed } from '../seal.ts'
import { bodiesApart, countApart } from '../sql/intakes.ts'
import { distrustKey, putMeta } from '../sql/meta.ts'
import { sqlLedger } from '../sql/store.ts'
import type { SetRow, Tables } from '../tables.ts'
import { damaged, damagedInUse, setAside, setAsideFiles } from './aside.ts'
import { sqliteDialect } from './dialect.ts'
import { type Hold, holdLedger } from './hold.ts'
import { type Whereabouts, whereabouts } from './there.ts'

/** "MUST" in ASCII: tells our files from other programs'. Source: SQLite, "PRAGMA application_id". */
const applicationId = 0x4d555354
/** A ledger up to this size is read whole on opening, and so is one in which damage was found. */
const wholeLookBytes = 2 * 1024 * 1024

/**
 * Opens, or makes, the ledger. A damaged or foreign file is set aside beside it, never overwritten; the ledger then
 * starts empty and says so in `degraded` for as long as the file that was set aside lies there. One that another process has open
 * stays where it is; it is opened all the same, if it can be, and `degraded`.
 * @param verifiedLater The caller calls `verify` soon: a large ledger is only looked at where damage would stop it at once.
 * @returns `ledger.newer` (unchanged), `ledger.unwritable`, `ledger.damaged` where another process has it open.
 */
export async function openSqliteLedger(
  folder: string,
  now: Date,
  { verifiedLater = false }: { readonly verifiedLater?: boolean } = {},
): Promise<Result<Ledger>> {
  const file = join(folder, 'muster.db')
  try {
    makeFolder(folder)
    // The mode given to mkdir and open passes through the umask only to lose bits; an older folder may have more.
    if ((statSync(folder).mode & 0o077) !== 0 && process.getuid?.() === statSync(folder).uid) chmodSync(folder, 0o700)
    closeSync(openSync(file, 'a', 0o600))
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  } catch (error) {
    return fail(unwritable(folder, error))
  }
  const hold = holdLedger(folder)
  try {
    let opened = await tryOpen(file, verifiedLater)
    if (opened.kind === 'damaged') opened = await replaced(file, opened.why, { now, verifiedLater, hold })
    if (opened.kind === 'open') return ok(await ledgerOf(opened, folder, hold))
    hold.close()
    if (opened.kind === 'damaged') return fail(damagedInUse(opened.why))
    return fail(opened.kind === 'newer' ? opened.problem : unwritable(folder, opened.error))
  } catch (error) {
    hold.close()
    throw error
  }
}

/** Where a ledger that replaced a damaged one remembers what was wrong with it. */
const damageKey = 'damage'

/** Sets a damaged file aside, unless another process has it open: what that writes, and told others that it keeps, would be lost. */
async function replaced(
  file: string,
  why: string,
  { now, verifiedLater, hold }: { readonly now: Date; readonly verifiedLater: boolean; readonly hold: Hold },
): Promise<Opened> {
  const isAlone = hold.alone()
  try {
    // Another process may have been faster.
    const again = await tryOpen(file, verifiedLater, !isAlone)
    if (again.kind !== 'damaged' || !isAlone) return again
    setAside(file, now)
    closeSync(openSync(file, 'a', 0o600))
    const fresh = await tryOpen(file, verifiedLater)
    if (fresh.kind === 'open') await sqlLedger(fresh.db, undefined).writeMeta(damageKey, why)
    return fresh.kind === 'damaged' ? { kind: 'unwritable', error: new Error(fresh.why) } : fresh
  } finally {
    hold.share()
  }
}

async function ledgerOf({ db, there, damage }: OpenedLedger, folder: string, hold: Hold): Promise<Ledger> {
  return sqlLedger(db, await knownDamage(db, damage, folder), { gone: there.gone, closed: hold.close })
}

async function knownDamage(
  db: Kysely<Tables>,
  damage: string | undefined,
  folder: string,
): Promise<Problem | undefined> {
  if (damage !== undefined) {
    // The next to open it alone looks at all of it.
    await putMeta(db, distrustKey, damage).catch(() => undefined)
    return damagedInUse(damage)
  }
  const aside = setAsideFiles(folder).at(-1)
  if (aside !== undefined) return damaged(join(folder, aside), await sqlLedger(db, undefined).readMeta(damageKey))
  const apart = await countApart(db)
  return apart === 0 ? undefined : bodiesApart(apart)
}

interface OpenedLedger {
  readonly db: Kysely<Tables>
  readonly there: Whereabouts
  /** Of one that was opened all the same. */
  readonly damage?: string
}

type Opened =
  | ({ kind: 'open' } & OpenedLedger)
  | { kind: 'newer'; problem: Problem }
  | { kind: 'damaged'; why: string }
  | { kind: 'unwritable'; error: unknown }

/** @param asItIs Damage that leaves it readable is told, and no reason not to open it. */
async function tryOpen(file: string, verifiedLater: boolean, asItIs = false): Promise<Opened> {
  if (!looksLikeSqlite(file)) return { kind: 'damaged', why: 'it is not an SQLite file' }
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 10_000 })
    // In one transaction: another process may be making this very ledger, and half of what it did is no damage.
    database.exec('BEGIN')
    const version = pragma(database, 'user_version')
    const id = pragma(database, 'application_id')
    const tables = database.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }
    database.exec('COMMIT')
    const empty = version === 0 && id === 0 && tables.count === 0
    if (!empty && id !== applicationId) return refuse(database, 'it belongs to another program')
    if (version > migrations.length) {
      database.close()
      return { kind: 'newer', problem: newer(version) }
    }
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY',
    )
    if (!empty && version === 0) return refuse(database, 'its schema version is gone')
    const depth = empty ? 'none' : depthOf(database, file, verifiedLater)
    const said = structureOf(database, depth)
    if (said !== 'ok' && !asItIs) return refuse(database, said)
    migrate(database, version)
    const there = whereabouts(file)
    const db = new Kysely<Tables>({ dialect: sqliteDialect(database, there.mustBeThere) })
    if (said !== 'ok') return { kind: 'open', db, there, damage: said }
    if (depth === 'whole') {
      const damage = await sqlLedger(db, undefined).verify()
      if (damage.length > 0 && asItIs) return { kind: 'open', db, there, damage: damage.join('; ') }
      if (damage.length > 0) {
        await db.destroy()
        return { kind: 'damaged', why: damage.join('; ') }
      }
      await db.deleteFrom('meta').where('key', '=', distrustKey).execute()
    }
    return { kind: 'open', db, there }
  } catch (error) {
    try {
      database?.close()
    } catch {
      // It never opened; there is nothing to close.
    }
    const code = (error as { errcode?: number }).errcode
    // A mistake of ours is no damage: a whole file must not be set aside for it.
    if (code === undefined) throw error
    // SQLITE_CORRUPT and SQLITE_NOTADB speak of the file; all others of the disk, its rights, memory, or another process.
    const isDamage = [11, 26].includes(code & 0xff)
    return isDamage ? { kind: 'damaged', why: (error as Error).message } : { kind: 'unwritable', error }
  }
}

type Depth = 'none' | 'whole' | 'structure' | 'small tables'

function depthOf(database: DatabaseSync, file: string, verifiedLater: boolean): Depth {
  if (statSync(file).size <= wholeLookBytes) return 'whole'
  if (database.prepare('SELECT 1 FROM meta WHERE key = ?').get(distrustKey) !== undefined) return 'whole'
  return verifiedLater ? 'small tables' : 'structure'
}

/** Tables that are read and written all the time, and have few rows. */
const smallTables = ['meta', 'schedule_mark', 'run_total', 'backup_set', 'repository_change', 'change_count', 'lane']

/** @returns `ok`, or what SQLite says is wrong. Source: SQLite, "PRAGMA integrity_check" and "quick_check", also of one table. */
function structureOf(database: DatabaseSync, depth: Depth): string {
  const looks = {
    none: [],
    whole: ['PRAGMA integrity_check(1)'],
    structure: ['PRAGMA quick_check(1)'],
    'small tables': smallTables.filter((name) => isTable(database, name)).map((name) => `PRAGMA quick_check(${name})`),
  }
  const answers = looks[depth].map((look) => Object.values(database.prepare(look).get() as Record<string, string>)[0])
  return String(answers.find((answer) => answer !== 'ok') ?? 'ok')
}

/** Not before the migration that makes it. */
const isTable = (database: DatabaseSync, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined

/** An empty file is a new ledger; any other begins with SQLite's own words. Source: SQLite, "Database File Format", 1.3. */
function looksLikeSqlite(file: string): boolean {
  const handle = openSync(file, 'r')
  try {
    const head = Buffer.alloc(16)
    const count = readSync(handle, head, 0, 16, 0)
    return count === 0 || head.toString('latin1') === 'SQLite format 3\0'
  } finally {
    closeSync(handle)
  }
}

function refuse(database: DatabaseSync, why: string): Opened {
  database.close()
  return { kind: 'damaged', why }
}

function migrate(database: DatabaseSync, version: number): void {
  for (const migration of migrations.slice(version)) {
    database.exec('BEGIN IMMEDIATE')
    try {
      // Another process may have been faster while this one waited for the write lock.
      if (pragma(database, 'user_version') < migration.version) {
        database.exec(migration.sql)
        sealDerived(database)
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migration.version}`)
      }
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

/** Rows that a migration derived in SQL: a seal is made here and nowhere else. */
function sealDerived(database: DatabaseSync): void {
  if (!isTable(database, 'backup_set')) return
  const update = database.prepare('UPDATE backup_set SET crc = ? WHERE rowid = ?')
  const rows = database.prepare('SELECT rowid AS place, * FROM backup_set WHERE crc = -1').all()
  for (const { place, ...row } of rows as unknown as (SetRow & { place: number })[]) update.run(sealed(row).crc, place)
}

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[0] ?? 0)

const newer = (version: number): Problem => ({
  code: 'ledger.newer',
  message: `The ledger was written by a newer Muster (schema ${version}; this one knows ${migrations.length}).`,
  next: 'Use that newer version, or another state folder ($MUSTER_STATE or `state:`). Nothing was changed.',
  retry: 'never',
})

/** SQLite cannot even make its shared memory on a full disk, and calls that an I/O error. Source: SQLite, "Result and Error Codes". */
function isDiskFull(folder: string, error: unknown): boolean {
  const { code, errcode } = error as { code?: string; errcode?: number }
  if (code === 'ENOSPC' || code === 'EDQUOT' || errcode === 13) return true
  if (errcode === undefined || (errcode & 0xff) !== 10) return false
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize < 256 * 1024
  } catch {
    return false
  }
}

const unwritable = (folder: string, error: unknown): Problem => ({
  code: 'ledger.unwritable',
  message: `The state folder ${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
  next: isDiskFull(folder, error)
    ? `Make room on the disk of ${folder}. What was recorded is safe.`
    : 'Give the user that runs Muster a folder it may write to: $MUSTER_STATE or `state:` in the configuration.',
  retry: 'next-run',
})
