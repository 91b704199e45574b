import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Incident, Told } from '../../model/incident.ts'
import { decide, flapping, type TellPolicy } from './decide.ts'
import { quietUntil } from './quiet.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2026, 10, 21, 12)
const at = (minutes: number): Date => new Date(start + minutes * minute)

const policy = (more: Partial<TellPolicy> = {}): TellPolicy => ({
  severity: 'warning',
  name: 'phone',
  of: [],
  groupWaitMs: minute,
  remindEveryMs: 24 * hour,
  resolved: true,
  since: new Date(0),
  ...more,
})

let numbers = 0
const incident = (more: Partial<Incident> = {}): Incident => {
  numbers += 1
  return {
    number: numbers,
    key: `job/${numbers}`,
    kind: 'job',
    name: `job-${numbers}`,
    state: 'failing',
    severity: 'critical',
    reason: 'r',
    next: 'n',
    openedAt: at(0),
    ...more,
  }
}
const told = (of: Incident, event: Told['event'], when: number): Told => ({ incident: of.number, event, at: at(when) })
const events = (...args: Parameters<typeof decide>): string[] =>
  decide(...args).items.map(({ event, incident: { number } }) => `${event} ${number}`)

describe('what is told', () => {
  it('waits for others, then names all', () => {
    const [one, two] = [incident(), incident({ openedAt: at(0.9) })]
    expect(decide(policy(), [one, two], [], at(0.95))).toEqual({ items: [], told: [], nextAt: at(1) })
    expect(events(policy(), [one, two], [], at(1))).toEqual([`opened ${one.number}`, `opened ${two.number}`])
  })

  it('is told again with each failure, where that is wanted, and not in between', () => {
    const one = incident()
    const failing = (when: number) => policy({ groupWaitMs: 0, failures: new Map([[one.key, at(when)]]) })
    const opened = told(one, 'opened', 1)
    expect(events(failing(0), [one], [], at(1))).toEqual([`opened ${one.number}`])
    expect(decide(failing(0), [one], [opened], at(9999))).toEqual({ items: [], told: [] })
    expect(events(failing(60), [one], [opened], at(60))).toEqual([`reminder ${one.number}`])
    expect(events(failing(60), [one], [opened, told(one, 'reminder', 61)], at(119))).toEqual([])
    expect(events(failing(120), [one], [opened, told(one, 'reminder', 61)], at(121))).toEqual([
      `reminder ${one.number}`,
    ])
  })

  it('is told once, reminded of, and told when it is over', () => {
    const one = incident()
    const opened = told(one, 'opened', 1)
    expect(decide(policy(), [one], [opened], at(10))).toEqual({ items: [], told: [], nextAt: at(1 + 24 * 60) })
    expect(events(policy(), [one], [opened], at(1 + 24 * 60))).toEqual([`reminder ${one.number}`])
    expect(events(policy(), [one], [opened, told(one, 'reminder', 1441)], at(1500))).toEqual([])
    const over = { ...one, closedAt: at(1600) }
    expect(events(policy(), [over], [opened], at(1601))).toEqual([`closed ${one.number}`])
    expect(events(policy(), [over], [opened, told(one, 'closed', 1601)], at(9999))).toEqual([])
    expect(events(policy({ resolved: false }), [over], [opened], at(9999))).toEqual([])
  })

  it('is told in one line when it was over before anybody knew', () => {
    const one = incident({ closedAt: at(0.5) })
    const done = decide(policy(), [one], [], at(1))
    expect(done.items).toMatchObject([{ event: 'closed', incident: { number: one.number } }])
    expect(done.told.map(({ event }) => event)).toEqual(['opened', 'closed'])
  })

  it('is nothing that was over before there was this notifier', () => {
    expect(events(policy({ since: at(100) }), [incident({ closedAt: at(50) })], [], at(200))).toEqual([])
    expect(events(policy({ since: at(100) }), [incident()], [], at(200))).toHaveLength(1)
  })

  it('is what the route wants', () => {
    const one = incident({ name: 'nfs-daily', within: 'box', severity: 'warning' })
    expect(events(policy({ severity: 'critical' }), [one], [], at(5))).toEqual([])
    expect(events(policy({ of: ['other'] }), [one], [], at(5))).toEqual([])
    for (const of of ['nfs-*', 'box', '*'] as const)
      expect(events(policy({ of: [of] }), [one], [], at(5))).toHaveLength(1)
  })

  it('waits for the end of quiet hours, unless it is critical', () => {
    const quiet = { from: '11:00', to: '15:00', zone: 'UTC', critical: false }
    const [mild, grave] = [incident({ severity: 'warning' }), incident()]
    expect(decide(policy({ quiet }), [mild], [], at(5))).toMatchObject({ items: [], nextAt: at(180) })
    expect(events(policy({ quiet }), [mild, grave], [], at(5))).toEqual([`opened ${grave.number}`])
    expect(events(policy({ quiet }), [mild], [], at(180))).toEqual([`opened ${mild.number}`])
    expect(events(policy({ quiet: { ...quiet, critical: true } }), [grave], [], at(5))).toEqual([])
  })

  it('is told once while it comes and goes, and when it stands still, with how often', () => {
    const key = 'job/flapping'
    const all = Array.from({ length: 6 }, (_, index) =>
      incident({ key, openedAt: at(index * 10), ...(index < 5 && { closedAt: at(index * 10 + 5) }) }),
    )
    const done = all.slice(0, 3).flatMap((one) => [told(one, 'opened', 31), told(one, 'closed', 31)])
    const held = decide(policy(), all, done, at(51))
    expect(held).toEqual({ items: [], told: [], nextAt: at(30 + flapping.longestMs.critical / minute) })
    const then = decide(policy(), all, done, at(90))
    expect(then.items).toMatchObject([{ event: 'opened', changes: 6, incident: { number: all[5]?.number } }])
    expect(then.told).toHaveLength(5)
  })

  for (const [severity, most, least] of [
    ['critical', 120, 45],
    ['warning', 400, 8],
  ] as const)
    it(`is told again and again while it never stands still: ${severity}`, () => {
      const key = 'job/never'
      const days = 3 * 24 * 60
      const all: Incident[] = []
      const done: Told[] = []
      const toldAt: number[] = []
      for (let now = 0; now < days; now += 10) {
        if (now % 60 === 0) all.push(incident({ key, severity, openedAt: at(now) }))
        if (now % 60 === 30) all.push({ ...(all.pop() as Incident), closedAt: at(now) })
        const found = decide(policy(), all, done, at(now))
        if (found.items.length > 0) toldAt.push(now)
        done.push(...found.told.map((one) => ({ ...one, at: at(now) })))
      }
      const gaps = toldAt.map((when, index) => when - (toldAt[index - 1] ?? 0))
      expect(Math.max(...gaps, days - (toldAt.at(-1) ?? 0))).toBeLessThanOrEqual(most)
      expect(toldAt.length).toBeGreaterThanOrEqual(least)
      expect(toldAt.length).toBeLessThan(days / 50)
    })

  it('disturbs nobody when it is calm again in quiet hours', () => {
    const key = 'job/flapping'
    const all = [250, 255, 260, 590].map((minutes) =>
      incident({ key, severity: 'warning', openedAt: at(minutes), closedAt: at(minutes + 4) }),
    )
    const done = all.slice(0, 3).flatMap((one) => [told(one, 'opened', 270), told(one, 'closed', 270)])
    const quiet = { from: '22:00', to: '07:00', zone: 'UTC', critical: false }
    expect(decide(policy({ quiet }), all, done, at(596))).toMatchObject({ items: [], nextAt: at(1140) })
    expect(decide(policy({ quiet }), all, done, at(620))).toMatchObject({ items: [], nextAt: at(1140) })
    expect(events(policy({ quiet }), all, done, at(1140))).toEqual([`closed ${all[3]?.number}`])
  })

  it('is told each time where each failure is to be told', () => {
    const key = 'job/flapping'
    const all = Array.from({ length: 6 }, (_, index) =>
      incident({ key, openedAt: at(index * 10), ...(index < 5 && { closedAt: at(index * 10 + 5) }) }),
    )
    const done = all.slice(0, 5).flatMap((one) => [told(one, 'opened', 51), told(one, 'closed', 51)])
    expect(events(policy({ failures: new Map() }), all, done, at(60))).toEqual([`opened ${all[5]?.number}`])
  })
})

describe('quiet hours', () => {
  const night = { from: '22:00', to: '07:00', zone: 'Europe/Berlin', critical: false }
  for (const [time, until] of [
    ['2026-11-21T20:59:59Z', undefined],
    ['2026-11-21T21:00:00Z', '2026-11-22T06:00:00.000Z'],
    ['2026-11-22T05:59:59Z', '2026-11-22T06:00:00.000Z'],
    ['2026-11-22T06:00:00Z', undefined],
    ['2026-11-22T12:00:00Z', undefined],
  ] as const)
    it(`at ${time}`, () => expect(quietUntil(night, new Date(time))?.toISOString()).toBe(until))
})

describe('any course of things', () => {
  const spans = fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 3 }),
      pause: fc.integer({ min: 1, max: 400 }),
      length: fc.integer({ min: 1, max: 400 }),
    }),
    { maxLength: 25 },
  )
  it('tells each beginning and each end exactly once, and little at a time', () =>
    fc.assert(
      fc.property(spans, fc.boolean(), (courses, isQuiet) => {
        const clock = new Map<number, number>()
        const all = courses
          .map(({ key, pause, length }) => {
            const openedAt = (clock.get(key) ?? 0) + pause
            clock.set(key, openedAt + length)
            return incident({
              key: `job/${key}`,
              openedAt: at(openedAt),
              closedAt: at(openedAt + length),
              severity: 'warning',
            })
          })
          .sort((a, b) => a.openedAt.getTime() - b.openedAt.getTime())
        const quiet = { from: '22:00', to: '07:00', zone: 'UTC', critical: false }
        const own = policy(isQuiet ? { quiet } : {})
        const known: Told[] = []
        const end = Math.max(0, ...clock.values()) + 3000
        for (let minutes = 0; minutes <= end; minutes += 1) {
          const now = at(minutes)
          const seen = all
            .filter(({ openedAt }) => openedAt <= now)
            .map(({ closedAt, ...one }) => (closedAt !== undefined && closedAt <= now ? { ...one, closedAt } : one))
          const done = decide(own, seen, known, now)
          if (isQuiet && done.items.length > 0) expect(quietUntil(quiet, now)).toBeUndefined()
          known.push(...done.told.map((one) => ({ ...one, at: now })))
        }
        for (const { number } of all)
          for (const event of ['opened', 'closed'])
            expect(known.filter((one) => one.incident === number && one.event === event)).toHaveLength(1)
      }),
      { numRuns: 150 },
    ))
})
