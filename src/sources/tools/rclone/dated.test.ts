import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { datedFolder, datedFolders, folderFor, folderOfId, idOf, looksDated, outdated, takenAtOf } from './dated.ts'

const dayMs = 24 * 3_600_000
/** Noon, by the calendar of this machine. */
const on = (year: number, month: number, day: number): Date => new Date(year, month - 1, day, 12)
const november = (day: number): string => `nas-2026-11-${String(day).padStart(2, '0')}`
const goneOf = (folders: readonly string[], keepDays: number, now: Date): readonly string[] =>
  outdated(folders, 'nas', keepDays * dayMs, now).map(({ folder }) => folder)

describe('a folder is dated', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['nas-2026-11-21', 'with the name of the tree and a date', true],
    ['nas', 'not as the tree itself', false],
    ['nas-2026-11-31', 'not with a day that no calendar has', false],
    ['nas-2026-02-29', 'not on a leap day of another year', false],
    ['nas-2024-02-29', 'on a leap day', true],
    ['nas-2026-13-01', 'not in a thirteenth month', false],
    ['nas-2026-1-2', 'not without leading zeros', false],
    ['nas-26-11-21', 'not with a short year', false],
    ['nas-2026-11-21-old', 'not with more behind it', false],
    ['nas-photos-2026-11-21', 'not of another tree whose name begins alike', false],
    ['other-2026-11-21', 'not of another tree', false],
    ['2026-11-21', 'not without a name', false],
    ['nas-2026-11-21\n', 'not with a line end behind it', false],
    ['nas-old', 'not without a date', false],
  ]
  for (const [folder, why, want] of rows)
    it(`${why}: ${JSON.stringify(folder)}`, () => expect(datedFolder(folder, 'nas') !== undefined).toBe(want))
})

describe('dated folders go by their date', () => {
  const rows: readonly (readonly [string, readonly string[], number, Date, readonly string[]])[] = [
    ['none before its time', [november(18), november(25)], 7, on(2026, 11, 25), []],
    ['one the day after', [november(17), november(25)], 7, on(2026, 11, 25), [november(17)]],
    ['over the turn of a year', ['nas-2025-12-30', 'nas-2026-01-08'], 7, on(2026, 1, 8), ['nas-2025-12-30']],
    ['never the newest one, whatever its age', ['nas-2020-01-01'], 7, on(2026, 11, 25), []],
    [
      'not the newest real one beside one with a date to come, which stays as well',
      [november(1), november(10), 'nas-2099-01-01'],
      7,
      on(2026, 11, 25),
      [november(1)],
    ],
    [
      'nothing undated',
      ['nas', 'nas-old', 'photos', 'nas-2020-01-01', november(25)],
      7,
      on(2026, 11, 25),
      ['nas-2020-01-01'],
    ],
    ['nothing of another tree', ['nas2-2020-01-01', 'nas-b-2020-01-01', november(25)], 7, on(2026, 11, 25), []],
  ]
  for (const [name, folders, days, now, want] of rows) it(name, () => expect(goneOf(folders, days, now)).toEqual(want))

  it('never one that is younger than wanted, the tree, one of another name, or the newest: any folders, any time', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc
              .date({ min: new Date(2020, 0, 1), max: new Date(2030, 0, 1), noInvalidDate: true })
              .map((date) => folderFor('nas', date)),
            fc.constantFrom('nas', 'nas-', 'nas-old', 'nas-2026-99-99', 'other-2020-01-01'),
            fc.string(),
          ),
        ),
        fc.integer({ min: 1, max: 1000 }),
        fc.date({ min: new Date(2020, 0, 1), max: new Date(2030, 0, 1), noInvalidDate: true }),
        (folders, keepDays, now) => {
          const gone = goneOf(folders, keepDays, now)
          const newest = datedFolders(folders, 'nas').at(-1)?.folder
          for (const folder of gone) {
            const match = /^nas-(\d{4})-(\d\d)-(\d\d)$/.exec(folder)
            expect(match).not.toBeNull()
            const [year = 0, month = 0, day = 0] = (match ?? []).slice(1).map(Number)
            // Something may have been put there up to the last moment of its day.
            expect(now.getTime() - new Date(year, month - 1, day + 1).getTime()).toBeGreaterThanOrEqual(
              keepDays * dayMs,
            )
          }
          if (newest !== undefined && folders.filter((folder) => folder === newest).length === 1)
            expect(gone).not.toContain(newest)
        },
      ),
    ))
})

describe('what a script that compares the day with a whole date would delete', () => {
  /** The text after the last dash, compared with a whole date: what many copied from one another. */
  const byTheScript = (folders: readonly string[], limit: string): readonly string[] =>
    folders.filter((folder) => (folder.split('-').at(-1) ?? '') < limit)
  // 31 daily folders, on the 12th.
  const now = on(2026, 12, 12)
  const all = Array.from({ length: 31 }, (_, ago) => folderFor('nas', new Date(2026, 11, 12 - ago, 12)))

  it('is what was kept on the last days, and nothing of what is due', () => {
    const wrong = byTheScript(all, '2026-12-05')
    expect(wrong).toHaveLength(21)
    expect(all.slice(0, 8).every((folder) => wrong.includes(folder))).toBe(true)
    expect(wrong).toContain(folderFor('nas', now))
    expect(wrong).not.toContain('nas-2026-11-25')
  })
  it('stays, and what is due goes', () => {
    const gone = goneOf(all, 7, now)
    expect(gone).toHaveLength(23)
    expect(all.slice(0, 8).filter((folder) => gone.includes(folder))).toEqual([])
    expect(gone).toContain('nas-2026-11-25')
    expect(gone).toEqual(all.slice(8).toReversed())
  })
})

describe('ids and times of dated folders', () => {
  it('lead there and back', () =>
    fc.assert(
      fc.property(fc.date({ min: new Date(1970, 0, 2), max: new Date(9999, 0, 1), noInvalidDate: true }), (date) => {
        const folder = folderFor('nas', date)
        const dated = datedFolder(folder, 'nas')
        expect(dated).toBeDefined()
        if (dated !== undefined) expect(folderOfId(idOf(dated), 'nas')).toBe(folder)
      }),
    ))
  it('lead nowhere for anything else', () => {
    for (const id of ['', 'tree0123', '20261399', '2026112', '202611211', '../../../x'])
      expect(folderOfId(id, 'nas')).toBeUndefined()
  })
  const today = datedFolder('nas-2026-11-26', 'nas')
  it('are not of the future where a day has begun elsewhere', () => {
    const now = new Date('2026-11-25T12:00:00Z')
    expect(today && takenAtOf(today, now)).toEqual(now)
  })
  it('are of the future where no zone explains them', () => {
    const now = new Date('2026-11-20T12:00:00Z')
    expect(today && takenAtOf(today, now)).toEqual(new Date('2026-11-26T00:00:00Z'))
  })
  it('tell a tree that could be taken for one', () => {
    expect(['nas-2026-11-21', 'nas', '2026-11-21', 'nas-2026'].map(looksDated)).toEqual([true, false, false, false])
  })
})
