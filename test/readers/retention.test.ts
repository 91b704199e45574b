/** Our reading of a policy against `restic forget --dry-run`, on random snapshots and policies. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../src/model/snapshot.ts'
import { forgetArguments } from '../../src/sources/tools/restic/forget.ts'
import { toSnapshot } from '../../src/sources/tools/restic/records.ts'
import { keptBy } from '../../src/verdict/retention.ts'
import { makePlace } from '../real/place.ts'
import { program } from '../real/programs.ts'
import { roller } from '../real/roller.ts'
import { snapshotJson, WrittenRepository } from './write-repository.ts'

const rounds = 25
const hourMs = 3_600_000

const zones = ['Z', '+01:00', '-07:30', '+13:45']

function randomSnapshot(roll: (below: number) => number, inFuture: boolean): object {
  // Over a few days, months or years.
  const span = [100, 3_000, 60_000][roll(3)] ?? 0
  const at = new Date(Date.now() - (roll(span) - (inFuture && roll(20) === 0 ? 200 : 0)) * hourMs - roll(hourMs))
  const zone = zones[roll(zones.length)] ?? 'Z'
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d+):(\d+)/.exec(zone) ?? []
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return snapshotJson({
    time: new Date(at.getTime() + offsetMs).toISOString().replace('Z', zone),
    hostname: ['alpha', 'beta'][roll(2)],
    paths: [['/srv'], ['/home', '/srv'], ['/srv', '/home']][roll(3)],
    tags: [[], ['daily'], ['keep', 'daily']][roll(3)],
  })
}

function randomPolicy(roll: (below: number) => number) {
  const some = <T>(value: T): T | undefined => (roll(3) === 0 ? value : undefined)
  const span = () => ['5d', '2m', '1y2m', '36h', '1y1m1d1h'][roll(5)]
  return {
    group: [['host', 'paths'], ['host'], [], ['tags'], ['host', 'tags']][roll(5)] as ('host' | 'paths' | 'tags')[],
    keepLast: 1 + roll(4),
    keepHourly: some(roll(6) + 1),
    keepDaily: some(roll(9) + 1),
    keepWeekly: some(roll(9) + 1),
    keepMonthly: some(roll(9) + 1),
    keepYearly: some(roll(9) + 1),
    keepWithin: some(span()),
    keepWithinHourly: some(span()),
    keepWithinDaily: some(span()),
    keepWithinWeekly: some(span()),
    keepWithinMonthly: some(span()),
    keepWithinYearly: some(span()),
    keepTags: roll(4) === 0 ? ['keep'] : [],
  }
}
const given = <T extends object>(policy: T): T =>
  Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as T

describe.each(['restic-0.14', 'restic-0.18', 'restic-0.19'])('a policy as %s reads it', (version) => {
  it(`keeps the same of ${rounds} random repositories`, () => {
    for (let seed = 1; seed <= rounds; seed++) {
      using place = makePlace()
      const roll = roller(seed)
      const repository = new WrittenRepository(place.at('repository'))
      repository.key('pw')
      writeFileSync(place.at('password'), 'pw\n')
      const snapshots: Snapshot[] = []
      for (let count = 0; count < 40; count++) {
        // 0.14 counts spans from a snapshot of the future too, later ones from the newest that can be.
        const content = randomSnapshot(roll, version !== 'restic-0.14')
        const snapshot = toSnapshot(repository.snapshot(content), content)
        if (snapshot !== undefined) snapshots.push(snapshot)
      }
      const policy = given(randomPolicy(roll))
      const args = forgetArguments({ retention: policy as never, tags: [], paths: [], dryRun: true, own: {} })
      const said = execFileSync(
        program(version as 'restic-0.18'),
        ['-r', place.at('repository'), '--password-file', place.at('password'), '--no-cache', ...args],
        { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: place.path, TZ: 'UTC' }, stdio: 'pipe' },
      )
      const groups = JSON.parse(said.split('\n').find((line) => line.startsWith('[')) ?? '[]') as {
        keep: { id: string }[] | null
      }[]
      const theirs = groups.flatMap(({ keep }) => (keep ?? []).map(({ id }) => id)).sort()
      expect([...keptBy({ policy }, snapshots, new Date())].sort(), `seed ${seed}: ${JSON.stringify(policy)}`).toEqual(
        theirs,
      )
    }
  })
})
