import { expect, it } from 'vitest'
import { emptySource, holdsRetention, missingSources, shrinkOf, shrinkProblem } from './shrink.ts'

const runs = (...files: number[]) =>
  files.map((processedFiles) => ({ processedFiles, processedBytes: processedFiles * 1000 }))

const rows = [
  { name: 'half of the usual is still allowed at 50%', now: 50, earlier: runs(100, 100, 100), want: undefined },
  { name: 'one file less is not', now: 49, earlier: runs(100, 100, 100), want: 'files' },
  { name: 'one odd run does not move the median', now: 60, earlier: runs(100, 1, 100, 100), want: undefined },
  { name: 'one earlier run is enough to doubt the second', now: 10, earlier: runs(100), want: 'files' },
  { name: 'without an earlier run nothing is known', now: 0, earlier: [], want: undefined },
  { name: 'growth is fine', now: 1000, earlier: runs(1, 2, 3), want: undefined },
  { name: 'an empty source that always was empty is usual', now: 0, earlier: runs(0, 0, 0), want: undefined },
] as const
for (const { name, now, earlier, want } of rows) {
  it(name, () => expect(shrinkOf({ processedFiles: now, processedBytes: now * 1000 }, earlier, 0.5)?.what).toBe(want))
}

it('looks at bytes where the files stay', () => {
  expect(shrinkOf({ processedFiles: 3, processedBytes: 10 }, runs(3, 3, 3), 0.5)).toEqual({
    what: 'bytes',
    usual: 3000,
    now: 10,
  })
})

it('knows nothing where nothing was counted', () => expect(shrinkOf({}, runs(9, 9, 9), 0.5)).toBeUndefined())

it('names whole sources that were left out, and no single files', () => {
  const skipped = [
    { path: '/a', reason: 'does not exist' },
    { path: '/b/file', reason: 'permission denied' },
  ]
  expect(missingSources(['/a', '/b'], skipped)).toMatchObject({
    code: 'guard.source-missing',
    message: expect.stringContaining('without /a:'),
  })
  expect(missingSources(['/b'], skipped)).toBeUndefined()
  expect(holdsRetention(missingSources(['/a'], skipped))).toBe(true)
})
it('holds retention back', () => {
  expect(holdsRetention(shrinkProblem({ what: 'files', usual: 9, now: 1 }))).toBe(true)
  expect(holdsRetention(emptySource)).toBe(true)
  expect(holdsRetention(undefined)).toBe(false)
})
