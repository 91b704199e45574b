import { strict as assert } from 'node:assert'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { forecastFull, judgeSpace, type SpacePoint } from './space.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 0, 1)
/** One an hour. */
const course = (hours: number, freeAt: (hour: number) => number, totalBytes = 1000): SpacePoint[] =>
  Array.from({ length: hours }, (_, hour) => ({
    at: new Date(start + hour * hourMs),
    freeBytes: freeAt(hour),
    totalBytes,
  }))

describe('when a store is full', () => {
  const rows: { name: string; points: SpacePoint[]; hours: number | undefined }[] = [
    { name: 'is where a straight line ends', points: course(101, (hour) => 1000 - hour * 2), hours: 100 + 400 },
    {
      name: 'is not tilted by a single large backup',
      points: course(101, (hour) => 1000 - hour - (hour > 98 ? 300 : 0)),
      hours: 100 + 600,
    },
    { name: 'is now when nothing is left', points: course(101, (hour) => 100 - hour), hours: 100 },
    { name: 'is never when nothing changes', points: course(101, () => 500), hours: undefined },
    { name: 'is never when it empties', points: course(101, (hour) => 100 + hour), hours: undefined },
    { name: 'is never after years', points: course(101, (hour) => 1e9 - hour, 1e9), hours: undefined },
    { name: 'is not known after a few hours', points: course(23, (hour) => 1000 - hour), hours: undefined },
    {
      name: 'is not known from two looks',
      points: [course(1, () => 900), course(100, () => 800).slice(-1)].flat(),
      hours: undefined,
    },
    {
      name: 'is not known when the store was just enlarged',
      points: [...course(90, (hour) => 1000 - hour), ...course(101, (hour) => 2000 - hour, 2000).slice(90)],
      hours: undefined,
    },
    { name: 'is not known without a look', points: [], hours: undefined },
  ]
  for (const { name, points, hours } of rows)
    it(name, () => {
      const full = forecastFull(points)
      const said = full === undefined ? undefined : Math.round((full.getTime() - start) / hourMs)
      assert.ok(
        said === hours || (said !== undefined && hours !== undefined && Math.abs(said - hours) <= hours / 20),
        `${said}`,
      )
    })

  it('is never before the last look, whatever the course', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 300 }), (frees) => {
        const points = course(frees.length, (hour) => frees[hour] ?? 0)
        const full = forecastFull(points)
        assert.ok(full === undefined || full >= (points.at(-1)?.at ?? new Date()))
      }),
    ))
})

describe('the verdict on the room', () => {
  const points = course(10, (hour) => (hour < 5 ? 300 : 150))
  const last = {
    repository: 'box',
    at: points.at(-1)?.at ?? new Date(),
    space: { freeBytes: 150, totalBytes: 1000, way: 'df' },
  }
  const facts = { repository: 'box', last, points, alarm: 0.8, isAsked: false, fullAt: undefined }
  const problem = { code: 'space.unparsed', message: 'No.', next: 'Look.', retry: 'next-run' } as const
  it('says since when more is used than may be', () => {
    const verdict = judgeSpace(facts)
    assert.ok(verdict?.state === 'full' && verdict.since.getTime() === start + 5 * hourMs)
    assert.match(verdict.reason, /85 % of the store of box is used \(150 B free\)/)
  })
  it('is silent exactly at the limit', () => assert.equal(judgeSpace({ ...facts, alarm: 0.85 }), undefined))
  it('is told of what could not be learned only to who asked', () => {
    const unknown = { ...facts, last: { repository: 'box', at: last.at, problem } }
    assert.equal(judgeSpace(unknown), undefined)
    assert.equal(judgeSpace({ ...unknown, isAsked: true })?.state, 'unreadable')
  })
  it('takes an empty store for full, never for free', () =>
    assert.equal(judgeSpace({ ...facts, points: [{ at: last.at, freeBytes: 0, totalBytes: 0 }] })?.state, 'full'))
})
