/** A ledger that a living process has open is not taken away from it; one that is taken away all the same says so. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openIntake } from '../../src/app/inbox/intake.ts'
import { openSqliteLedger } from '../../src/ledger/sqlite/open.ts'
import { makeApp, openedLedger } from '../notify/app.ts'

const root = mkdtempSync(join(tmpdir(), 'muster-held-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0
let place = ''
beforeEach(() => {
  place = join(root, `${++count}`)
})
const file = (): string => join(place, 'muster.db')
const aside = (): string[] => readdirSync(place).filter((name) => /\.damaged-.*Z(?:-\d+)?$/.test(name))
const holderScript = new URL('./holder.ts', import.meta.url).pathname
const racerScript = new URL('./racer.ts', import.meta.url).pathname

let holder: { readonly process: ChildProcess; readonly lines: Interface } | undefined
afterEach(killHolder)

async function killHolder(): Promise<void> {
  const gone = holder && once(holder.process, 'exit')
  holder?.process.kill('SIGKILL')
  await gone
  holder = undefined
}

async function startHolder(): Promise<void> {
  const child = spawn(process.execPath, [holderScript, place], { stdio: ['pipe', 'pipe', 'inherit'] })
  holder = { process: child, lines: createInterface(child.stdout) }
  expect(await once(holder.lines, 'line')).toEqual(['open'])
}

async function keep(text: string): Promise<string> {
  const answer = once((holder as { lines: Interface }).lines, 'line')
  holder?.process.stdin?.write(`${text}\n`)
  return String((await answer)[0])
}

function flipChecksum(): void {
  const database = new DatabaseSync(file())
  database.exec('UPDATE intake SET crc = crc + 1')
  database.close()
}

describe('a damaged ledger that a living process has open', () => {
  it('stays where it is, and is set aside once that process is gone', { timeout: 30_000 }, async () => {
    await startHolder()
    expect(await keep('first')).toBe('kept first')
    flipChecksum()
    const ledger = await openedLedger(place)
    expect(ledger.degraded).toMatchObject({
      code: 'ledger.damaged',
      next: expect.stringContaining('restart `muster serve`'),
    })
    expect(aside()).toEqual([])
    // Into the file that both have open.
    expect(await keep('second')).toBe('kept second')
    expect(await ledger.intakeBacklog()).toMatchObject({ bodies: 2 })
    await ledger[Symbol.asyncDispose]()
    await killHolder()
    await using next = await openedLedger(place)
    expect(next.degraded?.message).toContain('set aside')
    expect(aside()).toHaveLength(1)
  })

  it('is refused where it cannot be read at all', { timeout: 30_000 }, async () => {
    await startHolder()
    writeFileSync(file(), 'no longer a database')
    const refused = await openSqliteLedger(place, new Date())
    expect(refused).toMatchObject({
      ok: false,
      problem: { code: 'ledger.damaged', next: expect.stringContaining('restart `muster serve`') },
    })
    expect([aside(), readFileSync(file(), 'utf8')]).toEqual([[], 'no longer a database'])
    await killHolder()
    await using next = await openedLedger(place)
    expect([next.degraded?.code, aside().length]).toEqual(['ledger.damaged', 1])
  })

  it('is set aside once, by whichever of several comes first', { timeout: 60_000 }, async () => {
    for (let round = 0; round < 3; round++) {
      place = join(root, `${++count}`)
      await (await openedLedger(place))[Symbol.asyncDispose]()
      writeFileSync(file(), 'no longer a database')
      const race = (number: number) => promisify(execFile)(process.execPath, [racerScript, place, `${number}`, '3'])
      await Promise.all([1, 2, 3, 4].map(race))
      expect(aside()).toHaveLength(1)
      await using ledger = await openedLedger(place)
      expect(await ledger.runs({ most: 99 })).toHaveLength(3)
    }
  })
})

describe('a ledger whose file is taken away while it is open', () => {
  it.each(['renamed', 'replaced'])('takes nothing more, and says why: %s', async (how) => {
    await using ledger = await openedLedger(place)
    const app = makeApp(JSON.stringify({ inbox: {} }), ledger)
    const intake = openIntake(
      () => app,
      () => false,
      () => {},
    )
    const body = Buffer.from(JSON.stringify({ alerts: [{ labels: { alertname: 'BackupFailed' } }] }))
    expect(await intake.take(body)).toMatchObject({ state: 'kept' })
    renameSync(file(), `${file()}.away`)
    if (how === 'replaced') writeFileSync(file(), '')
    // Who sends it is told to try again; the daemon's own sign of life fails, and with that its readiness.
    expect(await intake.take(body)).toMatchObject({ state: 'later' })
    await expect(ledger.writeMeta('daemon alive', 'now')).rejects.toThrow('renamed, removed or replaced')
    expect(ledger.degraded).toMatchObject({ code: 'ledger.gone' })
    expect(await ledger.intakeBacklog()).toMatchObject({ bodies: 1 })
    renameSync(`${file()}.away`, file())
    expect(await intake.take(body)).toMatchObject({ state: 'kept' })
    expect(ledger.degraded).toBeUndefined()
  })
})
