/** Our reading of a policy against `borg prune --dry-run`, on archives of many ages, with random policies in several zones. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/model/secret.ts'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { forgetArguments, parseJudgement } from '../../src/sources/tools/borg/forget.ts'
import { tool } from '../../src/sources/tools/borg/index.ts'
import { parseMessage } from '../../src/sources/tools/borg/messages.ts'
import type { RepositoryAccess, Retention } from '../../src/sources/tools/tool.ts'
import { keptBy } from '../../src/verdict/retention.ts'
import { quiet } from '../contracts/tool.contract.ts'
import { makePlace, type Place } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { roller } from '../real/roller.ts'
import { versions } from './under-test.ts'

const archives = 36
const rounds = 30
const hourMs = 3_600_000
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Auckland']

function randomPolicy(roll: (below: number) => number): Retention {
  const some = (most: number): number | undefined => (roll(3) === 0 ? 1 + roll(most) : undefined)
  const policy = {
    group: [],
    keepLast: some(5),
    keepHourly: some(6),
    keepDaily: some(9),
    keepWeekly: some(9),
    keepMonthly: some(9),
    keepYearly: some(4),
    keepWithin: roll(3) === 0 ? ['5d', '2m', '1y2m', '36h', '1y1m1d1h'][roll(5)] : undefined,
    keepTags: [],
  }
  const given = Object.fromEntries(
    Object.entries(policy).filter(([, value]) => value !== undefined),
  ) as Partial<Retention>
  const rules = Object.keys(given).length > 2 ? given : { keepDaily: 3 }
  return { group: [], keepTags: [], ...rules }
}

/** Minutes east of UTC of a zone at an instant. */
function offsetIn(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at)
  const [, sign, hours = '0', minutes = '0'] =
    /GMT([+-])(\d+):(\d+)/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

describe.each(versions)('a policy as borg %s reads it', (version) => {
  let place: Place
  let access: RepositoryAccess
  let snapshots: readonly Snapshot[]
  const borg = (args: readonly string[], zone: string) =>
    spawnSync(program(`borg-${version}`), args, {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env.PATH, TZ: zone, BORG_BASE_DIR: place.at('base'), BORG_REPO: place.at('repository') },
    })

  beforeAll(async () => {
    place = makePlace()
    mkdirSync(place.at('source'))
    writeFileSync(place.at('source', 'file'), 'content')
    access = {
      name: 'box',
      url: new Secret(place.at('repository')),
      environment: {},
      program: program(`borg-${version}`),
      options: [],
      own: { baseDir: place.at('base'), unencrypted: true },
    }
    expect(await tool.init(access, quiet())).toMatchObject({ outcome: 'ok' })
    const roll = roller(7)
    for (let count = 0; count < archives; count++) {
      // Over a few days, months or years; some of another job.
      const span = [60, 3_000, 30_000][roll(3)] ?? 0
      const at = new Date(Date.now() - roll(span) * hourMs - roll(hourMs) - 2_000)
      const name = `${roll(4) === 0 ? 'other' : 'h1'}-2026-01-02T03:04:${String(count).padStart(2, '0')}`
      const timestamp = `--timestamp=${at.toISOString().slice(0, 19)}`
      const made = borg(['create', timestamp, `::${name}`, place.at('source')], 'UTC')
      expect([made.status, made.stderr]).toEqual([0, ''])
    }
    const listed = await tool.snapshots(access, quiet())
    if (!listed.ok) throw new Error(listed.problem.message)
    snapshots = listed.value
  }, 120_000)
  afterAll(() => place?.[Symbol.dispose]())

  it(`keeps the same by ${rounds} random policies`, () => {
    for (let seed = 1; seed <= rounds; seed++) {
      const roll = roller(seed)
      const retention = randomPolicy(roll)
      const zone = zones[roll(zones.length)] ?? 'UTC'
      const [verb = '', ...args] = forgetArguments({
        retention,
        host: 'h1',
        tags: [],
        paths: [],
        dryRun: true,
        own: {},
      })
      const pruned = borg([verb, '--log-json', ...args], zone)
      const kept = pruned.stderr.split('\n').flatMap((line) => {
        const said = parseMessage(line)
        const judged = said?.type === 'log_message' ? parseJudgement(said.message) : undefined
        return judged?.keep === true ? [judged.id] : []
      })
      const names = tool.retention?.namesOf({}, 'h1')
      if (names === undefined) throw new Error('no names')
      const seen = snapshots
        .filter(({ name = '' }) => names.test(name))
        .map((snapshot) => ({ ...snapshot, offsetMinutes: offsetIn(zone, snapshot.takenAt) }))
      expect(seen.length).toBeGreaterThan(20)
      expect(kept.length).toBeGreaterThan(0)
      const ours = keptBy({ policy: retention, rules: 'borg', names }, seen, new Date())
      expect([...ours].sort(), `seed ${seed}, ${zone}: ${JSON.stringify(retention)}`).toEqual(kept.sort())
    }
  }, 120_000)
})
