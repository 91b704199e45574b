/** When a store is full, by what the ledger remembers of it: metric, page of one command, and silence where nothing fills. */
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeWorkspace, type Workspace } from './workspace.ts'

const hourMs = 3_600_000
let space: Workspace
beforeEach(async () => {
  space = makeWorkspace()
  // The newest look is a few minutes old: a reading asks for none.
  space.configure({ repository: { space: { alarm: '99%' } } })
  expect(await space.run(['run', '--init', '--quiet'])).toMatchObject({ code: 0 })
})
afterEach(() => space[Symbol.dispose]())

/** One look an hour, the newest some minutes ago, with so much free of 1000 bytes. */
async function remember(freeAt: (hour: number) => number): Promise<number> {
  await using ledger = await space.ledger()
  const newest = Math.floor(Date.now() / 1000) * 1000 - 60_000
  await ledger.trim({ runsBefore: new Date(0), readingsBefore: new Date(Date.now() + hourMs), goneBefore: new Date(0) })
  for (let hour = 0; hour <= 100; hour++)
    await ledger.recordSpace({
      repository: 'local',
      at: new Date(newest + hour - (100 - hour) * hourMs),
      space: { freeBytes: freeAt(hour), totalBytes: 1000, way: 'df' },
    })
  // What the backup itself measured, later than all, would begin another course.
  const database = new DatabaseSync(space.place.at('state', 'muster.db'))
  database.exec("DELETE FROM space WHERE way = 'local'")
  database.close()
  return newest + 100
}

describe('the forecast of a store', () => {
  it('is the end of the line that the looks make, and told in the verdict', async () => {
    const newest = await remember((hour) => 1000 - 9 * hour)
    const { stdout } = await space.run(['collect', '--format', 'prometheus'])
    const [, told = ''] =
      /^muster_repository_space_full_timestamp_seconds\{repository="local"\} (\S+)$/m.exec(stdout) ?? []
    // 100 of 1000 bytes are left, at 9 an hour.
    expect(Math.abs(Number(told) * 1000 - (newest + (100 / 9) * hourMs))).toBeLessThan(hourMs / 60)
    space.configure({ repository: { space: { alarm: '80%' } } })
    const status = await space.run(['status'])
    expect(status.code).toBe(4)
    expect(status.stdout).toMatch(/full +room of local .*90 % of the store of local is used.*full in 11 hours/)
  })
  it('is absent where nothing fills up', async () => {
    await remember(() => 500)
    const { stdout } = await space.run(['collect', '--format', 'prometheus'])
    expect(stdout).toContain('muster_repository_space_free_bytes{repository="local"} 500')
    expect(stdout).not.toContain('muster_repository_space_full_timestamp_seconds{')
  })
})
