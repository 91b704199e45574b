import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { makeApp, openedLedger } from '../../../test/notify/app.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { openBreathing } from './breathing.ts'
import { openIntake, type Taken } from './intake.ts'
import { startReceiving } from './receiving.ts'
import { sortBodies } from './sort.ts'

const root = mkdtempSync(join(tmpdir(), 'muster-intake-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
let count = 0

const body = (...names: readonly string[]): Uint8Array =>
  Buffer.from(JSON.stringify({ alerts: names.map((n) => ({ labels: { alertname: 'BackupFailed', id: '1', n } })) }))
const saying = (taken: Taken) => (taken.state === 'kept' ? taken.alerts : taken.problem.code)

const disposed = new WeakSet<object>()
async function closed(ledger: Ledger): Promise<void> {
  if (disposed.has(ledger)) return
  disposed.add(ledger)
  await ledger[Symbol.asyncDispose]()
}

async function opened(inbox: object = {}) {
  count += 1
  const ledger = await openedLedger(join(root, `${count}`))
  const app = makeApp(JSON.stringify({ inbox, diagnose: { wait: '1h' } }), ledger)
  const state = { isEnding: false, woken: 0 }
  const intake = openIntake(
    () => app,
    () => state.isEnding,
    () => {
      state.woken += 1
    },
  )
  return { app, ledger, intake, state, [Symbol.asyncDispose]: () => closed(ledger) }
}

describe('taking alerts', () => {
  it('keeps a body before it says so, and wakes who sorts', async () => {
    await using at = await opened()
    assert.equal(saying(await at.intake.take(body('a', 'b'))), 2)
    expect(at.state.woken).toBe(1)
    expect(await at.ledger.intakeBacklog()).toMatchObject({ bodies: 1, bytes: body('a', 'b').byteLength })
    expect(at.intake.backlog()).toEqual({ bodies: 1, bytes: body('a', 'b').byteLength })
    const sorted = await sortBodies(at.app)
    at.intake.sorted(sorted.bodies, sorted.bytes)
    expect([at.intake.backlog(), sorted.relevant]).toEqual([{ bodies: 0, bytes: 0 }, 2])
    expect(await at.ledger.intakeBacklog()).toMatchObject({ bodies: 0, bytes: 0 })
  })

  it('keeps nothing that is wrong, nor while it ends', async () => {
    await using at = await opened()
    assert.equal(saying(await at.intake.take(Buffer.from('{}'))), 'inbox.bad-body')
    at.state.isEnding = true
    expect(await at.intake.take(body('a'))).toMatchObject({ state: 'later', problem: { code: 'inbox.ending' } })
    expect(await at.ledger.intakeBacklog()).toMatchObject({ bodies: 0 })
  })

  it('takes so many a minute, but one body always', async () => {
    await using at = await opened({ mostPerMinute: 3 })
    assert.equal(saying(await at.intake.take(body('a', 'b', 'c', 'd'))), 4)
    expect(await at.intake.take(body('e'))).toMatchObject({
      state: 'later',
      afterSeconds: 10,
      problem: { code: 'inbox.overloaded' },
    })
  })

  it('takes none while there is more to sort than it can catch up with', async () => {
    await using at = await opened()
    at.intake.found(200_001, 1)
    assert.equal(saying(await at.intake.take(body('a'))), 'inbox.overloaded')
    at.intake.sorted(1, 0)
    assert.equal(saying(await at.intake.take(body('a'))), 1)
    at.intake.found(0, 512 * 1024 * 1024)
    assert.equal(saying(await at.intake.take(body('a'))), 'inbox.overloaded')
  })

  it('gives the same alert without a start one start, for as long as it waits', async () => {
    await using at = await opened()
    for (let turn = 0; turn < 3; turn++) {
      await at.intake.take(body('a'))
      await sortBodies(at.app)
    }
    expect(await at.ledger.alerts({ most: 9 })).toHaveLength(1)
    expect(await at.ledger.alertTotals()).toEqual([
      { way: 'webhook', fate: 'firing', alerts: 1 },
      { way: 'webhook', fate: 'repeated', alerts: 2 },
    ])
  })
})

describe('sorting while bodies come in', () => {
  it('gives way, and gets everything done all the same', async () => {
    await using at = await opened()
    const end = new AbortController()
    const names = Array.from({ length: 20 }, (_, n) => `${n}`)
    const receiving = startReceiving(
      () => at.app,
      at.intake,
      end.signal,
      () => {},
    )
    let bodies = 0
    const until = performance.now() + 300
    while (performance.now() < until) {
      assert.equal((await at.intake.take(body(...names.map((n) => `${bodies}-${n}`)))).state, 'kept')
      bodies += 1
      receiving.wake()
      await pause(1)
    }
    for (let turn = 0; turn < 1_000 && at.intake.backlog().bodies > 0; turn++) await pause(20)
    end.abort()
    await receiving.done
    expect(at.intake.backlog()).toEqual({ bodies: 0, bytes: 0 })
    const totals = await at.ledger.alertTotals()
    expect(totals.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(bodies * 20)
  })
})

describe('a body that is damaged on the disk', () => {
  const damage = (folder: string, change: string): void => {
    const database = new DatabaseSync(join(folder, 'muster.db'))
    database.exec(change)
    database.close()
  }
  it.each([
    ['another checksum', 'UPDATE intake SET crc = crc + 1 WHERE number IN (SELECT min(number) FROM intake)'],
    [
      'a time that no number holds',
      'UPDATE intake SET received_at = 1 << 60 WHERE number IN (SELECT min(number) FROM intake)',
    ],
    [
      'a size that no number holds',
      'UPDATE intake SET bytes = 1 << 60 WHERE number IN (SELECT min(number) FROM intake)',
    ],
    [
      'another body',
      "UPDATE intake SET body = replace(body, 'a', 'b') WHERE number IN (SELECT min(number) FROM intake)",
    ],
  ])('stands in nobody’s way, is kept and told once: %s', async (_, change) => {
    await using at = await opened()
    const folder = join(root, `${count}`)
    for (const name of ['a', 'b', 'c']) await at.intake.take(body(name))
    damage(folder, change)
    const logged: string[] = []
    const log = { ...at.app.log, info: () => {}, error: (_: unknown, text: string) => logged.push(text) }
    const app = { ...at.app, log: log as unknown as typeof at.app.log }
    const sorted = await sortBodies(app)
    at.intake.sorted(sorted.bodies, sorted.bytes)
    expect(await sortBodies(app)).toEqual({ bodies: 0, bytes: 0, relevant: 0 })
    expect((await at.ledger.alerts({ most: 9 })).map(({ labels }) => labels.n).sort()).toEqual(['b', 'c'])
    expect(logged).toEqual([expect.stringContaining('1 message(s) with alerts were damaged')])
    expect(at.intake.backlog()).toEqual({ bodies: 0, bytes: 0 })
    expect(at.ledger.degraded).toMatchObject({ code: 'ledger.damaged', message: logged[0]?.split(' Look at')[0] })
    await closed(at.ledger)
    await using again = await openedLedger(folder)
    expect(again.degraded?.message).toContain('kept in the table intake_damaged')
    expect(await again.verify()).toEqual([])
    damage(folder, 'DELETE FROM intake_damaged WHERE length(body) > 0')
    await using healed = await openedLedger(folder)
    expect(healed.degraded).toBeUndefined()
  })

  it('keeps none from being sorted that came later, though it is the only one of a turn', async () => {
    await using at = await opened()
    await at.intake.take(body('a'))
    damage(join(root, `${count}`), 'UPDATE intake SET crc = crc + 1')
    expect(await sortBodies(at.app)).toEqual({ bodies: 1, bytes: body('a').byteLength, relevant: 0 })
  })
})

describe('memory', () => {
  it('may grow while many bodies come in, and is lean again after', async () => {
    const said: string[] = []
    const breath = openBreathing(
      () => said.push('grow'),
      () => said.push('shrink'),
      { lookMs: 5, calmLooks: 3 },
    )
    for (let few = 0; few < 50; few++) breath()
    expect(said).toEqual([])
    breath()
    expect(said).toEqual(['grow'])
    for (let many = 0; many < 60; many++) breath()
    for (let turn = 0; turn < 400 && said.at(-1) !== 'shrink'; turn++) await pause(5)
    expect(said.slice(-2)).toEqual(['grow', 'shrink'])
  })
})
