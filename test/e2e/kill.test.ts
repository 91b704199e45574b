/** SIGKILL at many moments of a run: nothing acknowledged is lost, nothing is there twice, the next backup works. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../src/model/run.ts'
import { deep } from '../real/deep.ts'
import { makeWorkspace, type Workspace } from './workspace.ts'

const moments = deep ? 60 : 16

let space: Workspace
let wholeMs = 0
beforeAll(async () => {
  space = makeWorkspace()
  space.configure({ repository: { create: true }, job: { retention: { keepLast: 500 } } })
  expect(await space.run(['run'])).toMatchObject({ code: 0 })
  const begun = performance.now()
  expect(await space.run(['run'])).toMatchObject({ code: 0 })
  wholeMs = performance.now() - begun
})
afterAll(() => space[Symbol.dispose]())

const allRuns = async (): Promise<readonly Run[]> => {
  await using ledger = await space.ledger()
  return await ledger.runs({ most: 10_000 })
}

describe('muster killed while it runs a backup', () => {
  it(`loses no outcome and tells none twice, at ${moments} moments of a run`, { timeout: 900_000 }, async () => {
    const found = { interrupted: 0, unharmed: 0 }
    for (let moment = 0; moment < moments; moment++) {
      writeFileSync(join(space.source, 'changing'), `content of moment ${moment}\n`)
      const before = await allRuns()
      const child = space.start(['run'])
      const gone = once(child, 'close')
      // Not in the first quarter, where the process only starts.
      await pause(wholeMs * (0.25 + (0.75 * (moment + 1)) / (moments + 1)))
      child.kill('SIGKILL')
      await gone

      // The next backup works without a person, and leaves nothing open.
      const next = await space.run(['run', '--json'])
      expect(next.code, next.stderr + next.stdout).toBe(0)
      const after = await allRuns()
      expect(after.every((run) => run.outcome !== undefined && run.endedAt !== undefined)).toBe(true)
      // What was closed before the kill is as it was.
      for (const run of before) expect(after.find(({ id }) => id === run.id)).toEqual(run)
      // Of the killed process: at most one run was cut, and it says so.
      const fresh = after.filter((run) => !before.some(({ id }) => id === run.id))
      const cut = fresh.filter((run) => run.outcome === 'interrupted')
      expect(cut.length).toBeLessThanOrEqual(1)
      found[cut.length === 1 ? 'interrupted' : 'unharmed']++
      expect(
        fresh
          .filter((run) => run.operation !== 'unlock' && run.outcome !== 'interrupted')
          .every((run) => run.outcome === 'ok'),
      ).toBe(true)
      // No lock of ours is left for others to stumble over.
      expect((await space.restic(['list', 'locks', '--no-lock'])).stdout.trim()).toBe('')
    }
    expect(found.interrupted, JSON.stringify(found)).toBeGreaterThanOrEqual(10)

    await using ledger = await space.ledger()
    const runs = await ledger.runs({ most: 10_000 })
    // Counted once each.
    const totals = await ledger.totals()
    expect(totals.reduce((sum, total) => sum + total.runs, 0)).toBe(runs.length)
    // Every outcome that says "snapshot made" has its snapshot, and only one run says it.
    const snapshots = JSON.parse((await space.restic(['snapshots', '--json', '--no-lock'])).stdout) as { id: string }[]
    const made = runs.flatMap((run) => (run.operation === 'backup' && run.outcome === 'ok' ? [run.snapshotId] : []))
    expect(new Set(made).size).toBe(made.length)
    for (const id of made) expect(snapshots.some((snapshot) => snapshot.id === id)).toBe(true)
    expect(await ledger.verify()).toEqual([])
    expect(await ledger.lanes()).toEqual([])
    expect((await space.restic(['check', '--no-lock'])).code).toBe(0)
  })
})
