import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instantsBetween, nextAfter, previousAtOrBefore } from '../../src/verdict/schedule/next.ts'
import { parseSchedule, type Schedule } from '../../src/verdict/schedule/parse.ts'
import { cronLine, type Scene, sceneOf, scenesOf, zones } from './generate.ts'
import { readEntry, simulate } from './model.ts'

/** Each line is tried in 12 zones, each at one of its changes: zones and changes take turns. */
const lineCount = 10_000
const zonesPerLine = 12
const endYear = 2038

function read(line: string): Schedule {
  const parsed = parseSchedule(line)
  if (!parsed.ok) throw new Error(parsed.problem.message)
  return parsed.value
}

const iso = (list: readonly (number | undefined)[]): string =>
  list.map((at) => (at === undefined ? 'none' : new Date(at).toISOString())).join(' ')

/** What is wrong with our instants in a window, the window asked for as a whole. */
function wrongList(line: string, { zone, change, from, to }: Scene, model: readonly number[]): string[] {
  const ours = instantsBetween(read(line), zone, from, to, 10_000).map((instant) => instant.getTime())
  if (ours.length === model.length && ours.every((at, index) => at === model[index])) return []
  return [
    `${line} in ${zone} around ${iso([+change])}\n ours  ${iso(ours.slice(0, 40))}\n model ${iso(model.slice(0, 40))}`,
  ]
}

/** What is wrong with the neighbours of one point of time, which may well lie within what the clock repeats. */
function wrongNeighbours(line: string, { zone, from, to }: Scene, model: readonly number[], at: Date): string[] {
  const inside = (date: Date | undefined) => (date && date > from && date <= to ? date.getTime() : undefined)
  const ours = [inside(previousAtOrBefore(read(line), zone, at)), inside(nextAfter(read(line), zone, at))]
  const wanted = [model.findLast((run) => run <= at.getTime()), model.find((run) => run > at.getTime())]
  if (ours[0] === wanted[0] && ours[1] === wanted[1]) return []
  return [`${line} in ${zone} before and after ${iso([+at])}: ours ${iso(ours)}, model ${iso(wanted)}`]
}

/** Minutes from the change at which neighbours are asked for, by turns. Its exact second is among them. */
const distances = [0, -1 / 60, 1 / 60, -1, 1, 10, 29.5, 30, 45, 59, 60, 61, 90, 119, 121, 179, 180, 181, 240, -30, -90]

describe('generated cron lines around clock changes fire when Debian cron starts them', () => {
  const scenes = zones.map((zone) => scenesOf(zone, 2020, endYear))
  const lines = fc.sample(cronLine, { numRuns: lineCount, seed: 14 })

  it(`finds none in ${lineCount} lines × ${zonesPerLine} of ${zones.length} zones, 2020-${endYear - 1}`, () => {
    const differences: string[] = []
    const turns = scenes.map(() => 0)
    let [cases, instants] = [0, 0]
    for (const line of lines) {
      const entry = readEntry(line)
      for (let count = 0; count < zonesPerLine; count++) {
        const zone = cases % scenes.length
        const turn = turns[zone] ?? 0
        turns[zone] = turn + 1
        const scene = scenes[zone]?.[turn % (scenes[zone]?.length ?? 1)]
        if (!scene) continue
        const model = simulate(entry, scene.span)
        const at = new Date(scene.change.getTime() + (distances[turn % distances.length] ?? 0) * 60_000)
        differences.push(...wrongList(line, scene, model), ...wrongNeighbours(line, scene, model, at))
        cases++
        instants += model.length
      }
    }
    console.info(`${cases} cases, ${instants} instants, ${differences.length} differences`)
    expect(differences.slice(0, 5)).toEqual([])
    expect(instants).toBeGreaterThan(cases)
  }, 120_000)
})

const moments = [
  { name: '29 February', zone: 'Europe/Berlin', at: '2028-02-29T11:00:00Z' },
  { name: 'the last of February without a 29th', zone: 'Asia/Tokyo', at: '2027-02-28T15:00:00Z' },
  { name: 'the leap day of 2000', zone: 'America/New_York', at: '2000-02-29T12:00:00Z' },
  { name: 'no leap day in 2100', zone: 'Europe/Berlin', at: '2100-02-28T23:00:00Z' },
  { name: 'week 53', zone: 'Europe/Berlin', at: '2026-12-31T12:00:00Z' },
  { name: 'the end of a year east of UTC', zone: 'Pacific/Kiritimati', at: '2027-12-31T10:00:00Z' },
  { name: 'the end of a year west of UTC', zone: 'Pacific/Pago_Pago', at: '2028-01-01T11:00:00Z' },
  { name: 'the end of 31-bit seconds', zone: 'Europe/Berlin', at: '2038-01-19T03:14:07Z' },
  { name: 'a clock change after 2038', zone: 'Europe/Berlin', at: '2045-03-26T01:00:00Z' },
  { name: 'skipped midnight in São Paulo', zone: 'America/Sao_Paulo', at: '2018-11-04T03:00:00Z' },
  { name: 'repeated last hour of a day in São Paulo', zone: 'America/Sao_Paulo', at: '2019-02-17T02:00:00Z' },
  { name: 'skipped midnight in Beirut', zone: 'Asia/Beirut', at: '2026-03-28T22:00:00Z' },
  { name: 'skipped midnight in Cairo', zone: 'Africa/Cairo', at: '2026-04-23T22:00:00Z' },
  { name: 'skipped midnight in Havana', zone: 'America/Havana', at: '2026-03-08T05:00:00Z' },
  { name: 'skipped 24:00 in Santiago', zone: 'America/Santiago', at: '2026-09-06T04:00:00Z' },
  { name: 'Samoa skips 30 December 2011', zone: 'Pacific/Apia', at: '2011-12-30T10:00:00Z' },
  { name: 'Tokelau skips 30 December 2011', zone: 'Pacific/Fakaofo', at: '2011-12-30T11:00:00Z' },
  { name: 'Kwajalein skips 21 August 1993', zone: 'Pacific/Kwajalein', at: '1993-08-21T12:00:00Z' },
  { name: 'Kiritimati skips 31 December 1994', zone: 'Pacific/Kiritimati', at: '1994-12-31T10:00:00Z' },
  { name: 'North Korea goes back half an hour', zone: 'Asia/Pyongyang', at: '2015-08-14T15:00:00Z' },
  { name: 'Venezuela goes forward half an hour', zone: 'America/Caracas', at: '2016-05-01T07:00:00Z' },
  { name: 'Nepal goes forward a quarter of an hour', zone: 'Asia/Kathmandu', at: '1985-12-31T18:30:00Z' },
  { name: 'Vostok goes back seven hours', zone: 'Antarctica/Vostok', at: '1994-01-31T17:00:00Z' },
  { name: 'Vostok goes forward seven hours', zone: 'Antarctica/Vostok', at: '1994-11-01T00:00:00Z' },
  { name: 'Recife goes forward, a week before it goes back', zone: 'America/Recife', at: '2000-10-08T03:00:00Z' },
  { name: 'Recife goes back', zone: 'America/Recife', at: '2000-10-15T02:00:00Z' },
  { name: 'Casey goes forward three hours', zone: 'Antarctica/Casey', at: '2020-10-03T16:01:00Z' },
  { name: 'Casey goes back three hours', zone: 'Antarctica/Casey', at: '2023-03-08T16:00:00Z' },
]

describe('at the awkward moments of the calendar a cron line fires when Debian cron starts it', () => {
  const general = fc.sample(cronLine, { numRuns: 1_000, seed: 15 })
  const pointed = [
    '0 0 29 2 *',
    '30 0 29 2 1',
    '0 0 */28 2 2',
    '0 12 31 12 *',
    '59 23 31 12 *',
    '0 0 1 1 *',
    '14 3 19 1 *',
    '0 0 * * *',
    '0,30 0 * * *',
    '*/20 0 * * *',
    '30 23 * * *',
    '0 12 30 12 *',
    '0 0 28-31 * 4',
  ]
  for (const { name, zone, at } of moments) {
    it(name, () => {
      const scene = sceneOf(zone, new Date(at))
      const differences = [...pointed, ...general].flatMap((line, index) => {
        const model = simulate(readEntry(line), scene.span)
        const near = new Date(scene.change.getTime() + (distances[index % distances.length] ?? 0) * 60_000)
        return [...wrongList(line, scene, model), ...wrongNeighbours(line, scene, model, near)]
      })
      expect(differences.slice(0, 5)).toEqual([])
    })
  }
})
