import { describe, expect, it } from 'vitest'
import type { Taken } from '../model/snapshot.ts'
import { type Cadence, denseTaken, isDense, learnCadence, usualTaken } from './cadence.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const begun = Date.UTC(2026, 2, 2)

/** Mulberry32: the same lives each time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
type Dice = () => number
const bell = (roll: Dice): number => Math.sqrt(-2 * Math.log(Math.max(1e-12, roll()))) * Math.cos(2 * Math.PI * roll())

/** Instants of one each `every`, each off by what `off` says. */
function at(every: number, days: number, off: () => number, isOn: (at: number) => boolean = () => true): number[] {
  return Array.from({ length: Math.floor((days * day) / every) }, (_, index) => begun + index * every)
    .filter(isOn)
    .map((one) => one + off())
    .sort((a, b) => a - b)
}

const isWorkday = (one: number): boolean => ![0, 6].includes(new Date(one).getUTCDay())

/** Ordinary lives that a person would call regular: after what runs up, 60 days are looked at. */
const regular: Record<string, { days: number; every: number; life: (roll: Dice, days: number) => number[] }> = {
  'daily, a little later or earlier': {
    days: 90,
    every: day,
    life: (roll, days) => at(day, days, () => 2 * hour + bell(roll) * 25 * minute),
  },
  'daily, at any time of a night': {
    days: 90,
    every: day,
    life: (roll, days) => at(day, days, () => roll() * 4 * hour),
  },
  'daily, three sources one after the other': {
    days: 90,
    every: day,
    life: (roll, days) =>
      at(day, days, () => roll() * hour).flatMap((one) => [one, one + 6 * minute, one + roll() * hour]),
  },
  'daily, with some more by hand': {
    days: 90,
    every: day,
    life: (roll, days) =>
      at(day, days, () => roll() * hour)
        .flatMap((one) => (roll() < 0.1 ? [one, one + roll() * 20 * hour] : [one]))
        .sort((a, b) => a - b),
  },
  weekly: { days: 7 * 20, every: 7 * day, life: (roll, days) => at(7 * day, days, () => bell(roll) * hour) },
  hourly: { days: 80, every: hour, life: (roll, days) => at(hour, days, () => roll() * 6 * minute) },
  'every six hours': {
    days: 90,
    every: 6 * hour,
    life: (roll, days) => at(6 * hour, days, () => roll() * 20 * minute),
  },
  'hourly, with a pause at night': {
    days: 80,
    every: hour,
    life: (roll, days) =>
      at(
        hour,
        days,
        () => roll() * 6 * minute,
        (one) => new Date(one).getUTCHours() > 1,
      ),
  },
  'on workdays': {
    days: 90,
    every: day,
    life: (roll, days) => at(day, days, () => 20 * hour + bell(roll) * 15 * minute, isWorkday),
  },
  'twice a day': {
    days: 90,
    every: 12 * hour,
    life: (roll, days) =>
      at(day, days, () => bell(roll) * 10 * minute).flatMap((one) => [one + 9 * hour, one + 17 * hour]),
  },
}

const irregular: Record<string, (roll: Dice, days: number) => number[]> = {
  'a laptop, open now and then': (roll, days) => {
    const times: number[] = []
    for (let one = begun; one < begun + days * day; ) {
      one += -Math.log(1 - roll()) * 30 * hour
      times.push(one)
    }
    return times
  },
  'a laptop, on most days, at any hour of the day': (roll, days) =>
    at(
      day,
      days,
      () => (8 + roll() * 14) * hour,
      () => roll() < 0.6,
    ),
  'by hand, a few in a row': (roll, days) =>
    at(5 * day, days, () => roll() * 4 * day).flatMap((one) =>
      Array.from({ length: 4 }, () => one + roll() * 5 * hour),
    ),
  'hourly while somebody is there': (roll, days) =>
    at(
      hour,
      days,
      () => roll() * 5 * minute,
      (one) => isWorkday(one) && Math.abs(new Date(one).getUTCHours() - 13) < 5 + roll() * 3,
    ),
}

/** A backup takes a while, and is seen at the next reading. */
const seen = (times: readonly number[], roll: Dice): Taken[] =>
  times.map((one) => ({
    takenAt: new Date(one),
    seenAt: new Date(one + roll() * 35 * minute),
    isRewritten: false,
  }))

/** As the ledger gives them: so many of the newest, more of them where they are dense. */
function newest(all: readonly Taken[], upTo: number): readonly Taken[] {
  const few = all.slice(Math.max(0, upTo - usualTaken), upTo)
  return isDense(few) ? all.slice(Math.max(0, upTo - denseTaken), upTo) : few
}

interface Life {
  /** Snapshots that came after their deadline. */
  readonly late: number
  readonly learned: number
  readonly last: Cadence | undefined
}

function live(all: readonly Taken[], from: number, stride = 1): Life {
  const order = all.toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime())
  let [late, learned] = [0, 0]
  let last: Cadence | undefined
  for (let upTo = 1; upTo < order.length; upTo += stride) {
    const now = order[upTo - 1] as Taken
    const next = order[upTo] as Taken
    if (now.takenAt.getTime() < from) continue
    last = learnCadence(newest(order, upTo), now.takenAt)
    if (last === undefined) continue
    learned++
    if (next.seenAt.getTime() > now.takenAt.getTime() + last.everyMs + last.graceMs) late++
  }
  return { late, learned, last }
}

/** More of them: MUSTER_LIVES=1000. */
const lives = Number(process.env.MUSTER_LIVES ?? 12)

describe('a learned cadence', { timeout: 120_000 }, () => {
  it('calls no regular life late, and notices its end within two periods and the grace', () => {
    const told: Record<string, object> = {}
    let [total, wrong] = [0, 0]
    for (const [name, { days, every, life }] of Object.entries(regular)) {
      let [unlearned, waited] = [0, 0]
      for (let seed = 1; seed <= lives; seed++) {
        const roll = dice(seed * 7919)
        const all = seen(life(roll, days), roll)
        const { late, last } = live(all, begun + (days - 60) * day, every < day ? 7 : 1)
        total++
        if (late > 0) wrong++
        if (last === undefined) unlearned++
        else {
          waited = Math.max(waited, (last.everyMs + last.graceMs) / every)
          if (last.pattern === 'interval' && !name.includes('pause'))
            expect(last.everyMs).toBeLessThanOrEqual(2 * every)
        }
        if (late > 0) told[`${name} ${seed}`] = { late, ...last }
      }
      told[name] = { unlearned, periodsUntilNoticed: Math.round(waited * 100) / 100 }
    }
    if (process.env.MUSTER_LIVES !== undefined) console.log(told)
    // Of 10,000 lives two were called late once, both with snapshots by hand among those of each night.
    expect(wrong, JSON.stringify(told)).toBeLessThanOrEqual(Math.floor(total / 1000))
  })

  const daily = (count: number, more: (at: number, index: number) => Partial<Taken> = () => ({})): Taken[] =>
    Array.from({ length: count }, (_, index) => {
      const one = begun + index * day
      return { takenAt: new Date(one), seenAt: new Date(one + minute), isRewritten: false, ...more(one, index) }
    })
  const of = (taken: readonly Taken[]) => learnCadence(taken, taken.at(-1)?.takenAt ?? new Date(begun))

  it('says how it stands by the gaps it has', () => {
    expect(of(daily(8))).toBeUndefined()
    expect(of(daily(9))).toMatchObject({ everyMs: day, n: 8, pattern: 'interval', confidence: 0.73 })
    expect(of(daily(40))).toMatchObject({ everyMs: day, n: 39, confidence: 0.93 })
    expect(of([])).toBeUndefined()
  })

  it('does not believe a clock that nobody set', () => {
    const wrong = daily(20, (one) => ({ takenAt: new Date(one % 1000), seenAt: new Date(one) }))
    expect(of(wrong)).toMatchObject({ everyMs: day })
    expect(of(daily(20, (one) => ({ takenAt: new Date(one + 9 * 365 * day * (one % 7)) })))).toBeDefined()
  })

  it('takes no notice of what was tagged, rewritten or copied', () => {
    const copied = daily(20, () => ({ isRewritten: true }))
    expect(of(copied)).toBeUndefined()
    const tagged = [...daily(20), ...daily(20, () => ({ isRewritten: true, seenAt: new Date(begun + 20 * day) }))]
    expect(learnCadence(tagged, new Date(begun + 19 * day))).toMatchObject({ everyMs: day, n: 19 })
  })

  it('is not what retention left of it', () => {
    const thinned = [1, 2, 3, 4, 5, 6, 7, 14, 21, 28, 35, 65, 95, 125, 155].map((age) => begun - age * day)
    const taken = thinned.map((one) => ({ takenAt: new Date(one), seenAt: new Date(begun), isRewritten: false }))
    expect(learnCadence(taken, new Date(begun - day))).toBeUndefined()
  })

  it('knows a weekend before it comes', () => {
    const workdays = daily(40).filter(({ takenAt }) => isWorkday(takenAt.getTime()))
    expect(of(workdays.slice(0, 25))).toMatchObject({ everyMs: 3 * day, pattern: 'weekly' })
    expect(of(workdays.slice(0, 24))).toMatchObject({ everyMs: day, pattern: 'weekly' })
  })

  it('is not found in an irregular life', () => {
    const told: Record<string, number> = {}
    for (const [name, life] of Object.entries(irregular)) {
      told[name] = 0
      for (let seed = 1; seed <= lives; seed++) {
        const roll = dice(seed * 104_729)
        if (live(seen(life(roll, 90), roll), begun + 30 * day).learned > 0) told[name]++
      }
    }
    if (process.env.MUSTER_LIVES !== undefined) console.log(told)
    for (const count of Object.values(told))
      expect(count, JSON.stringify(told)).toBeLessThanOrEqual(Math.ceil(lives / 50))
  })
})
