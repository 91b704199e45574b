import { CronExpressionParser } from 'cron-parser'
import { Cron } from 'croner'
import { describe, expect, it } from 'vitest'
import { instantsBetween } from '../../src/verdict/schedule/next.ts'
import { parseSchedule } from '../../src/verdict/schedule/parse.ts'
import { type Scene, scenesOf } from './generate.ts'
import { readEntry, simulate } from './model.ts'

/** Evidence for docs/adr/002-cron-arithmetic.md: who fires when Debian cron does, around the clock changes of 2025? */
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Beirut',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'Antarctica/Troll',
]

const lines = [
  '* * * * *',
  '*/5 * * * *',
  '*/7 * * * *',
  '*/15 * * * *',
  '*/30 * * * *',
  '0 * * * *',
  '15 * * * *',
  '45 * * * *',
  '0,30 * * * *',
  '0 */2 * * *',
  '30 */3 * * *',
  '*/10 2 * * *',
  '*/20 0 * * *',
  '0 0 * * *',
  '30 0 * * *',
  '30 1 * * *',
  '0 2 * * *',
  '15 2 * * *',
  '30 2 * * *',
  '59 2 * * *',
  '0 3 * * *',
  '30 3 * * *',
  '0,30 2 * * *',
  '0,30 1,2,3 * * *',
  '15 0-4 * * *',
  '5,35 0-3/1 * * *',
  '30 23 * * *',
  '30 2 * * 0',
  '30 2 29 * *',
  '0 2 25 * 0',
  '30 2 */2 * 0',
  '15 2 * 3,10 *',
  '10 2 1-31/2 * 7',
  '0 12 * * *',
]

type Engine = (line: string, scene: Scene) => number[]

function collect(next: (previous: Date) => Date | null | undefined, { from, to }: Scene): number[] {
  const found: number[] = []
  for (let at = next(from); at && at <= to && found.length < 10_000; at = next(at)) found.push(at.getTime())
  return found
}

const croner: Engine = (line, scene) => {
  const cron = new Cron(line, { timezone: scene.zone, paused: true })
  return collect((previous) => cron.nextRun(previous), scene)
}

const cronParser: Engine = (line, scene) => {
  const expression = CronExpressionParser.parse(line, { currentDate: scene.from, tz: scene.zone })
  return collect(() => expression.next().toDate(), scene)
}

const ours: Engine = (line, { zone, from, to }) => {
  const parsed = parseSchedule(line)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return instantsBetween(parsed.value, zone, from, to, 10_000).map((instant) => instant.getTime())
}

interface Tally {
  /** Cases with at least one wrong instant, out of lines × zones. */
  differ: number
  /** Instants that Debian has and the engine has not, and the other way about. */
  missing: number
  extra: number
  errors: number
}

const scenes = new Map(zones.map((zone) => [zone, scenesOf(zone, 2025, 2026)]))

function tally(engine: Engine): Tally {
  const total: Tally = { differ: 0, missing: 0, extra: 0, errors: 0 }
  for (const line of lines) {
    for (const zone of zones) {
      try {
        let wrong = 0
        for (const scene of scenes.get(zone) ?? []) {
          const wanted = new Set(simulate(readEntry(line), scene.span))
          const given = new Set(engine(line, scene))
          const missing = [...wanted].filter((at) => !given.has(at)).length
          const extra = [...given].filter((at) => !wanted.has(at)).length
          total.missing += missing
          total.extra += extra
          wrong += missing + extra
        }
        if (wrong > 0) total.differ++
      } catch {
        total.errors++
      }
    }
  }
  return total
}

describe('cron engines against Debian cron, 34 lines in 7 zones around the clock changes of 2025', () => {
  it('counts 238 cases', () => expect(lines.length * zones.length).toBe(238))

  it('has two changes in every zone', () => {
    expect([...scenes.values()].map((list) => list.length)).toEqual(zones.map(() => 2))
  })

  it('finds no difference in ours', () => {
    expect(tally(ours)).toEqual({ differ: 0, missing: 0, extra: 0, errors: 0 })
  })

  // When a new version of a library brings one of these to nothing, the decision in the ADR is worth another look.
  for (const [name, engine] of Object.entries({ croner, 'cron-parser': cronParser })) {
    it(`finds differences in ${name}`, () => {
      const found = tally(engine)
      console.info(name, found)
      expect(found.differ + found.errors).toBeGreaterThan(0)
    }, 60_000)
  }
})
