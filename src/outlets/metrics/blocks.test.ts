import { strict as assert } from 'node:assert'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { fullStanding } from '../../../test/fixtures/standing.ts'
import {
  failingStanding,
  healthyStanding,
  makeJob,
  makeRepository,
  makeSet,
  makeStanding,
} from '../../../test/http/standings.ts'
import type { JobStanding, RepositoryStanding, Standing } from '../../model/standing.ts'
import { openBlocks } from './blocks.ts'
import { endOf, type Format, renderFamilies } from './exposition.ts'
import { gzipOf, pieceOf } from './gzip.ts'
import { ownFamilies, renderMetrics } from './render.ts'

const text = (bytes: readonly Buffer[]): string => Buffer.concat(bytes).toString()

/** Plain and gzip, as the server puts them together. */
async function assertSame(blocks: ReturnType<typeof openBlocks>, standing: Standing, maxSeries: number): Promise<void> {
  for (const format of ['prometheus', 'openmetrics'] as const satisfies Format[]) {
    const before = renderFamilies(ownFamilies(standing), format)
    const whole = renderMetrics(standing, { maxSeries, format })
    assert.equal(before + text(await blocks.plain(standing, format)) + endOf(format), whole)
    const zipped = await blocks.zipped(standing, format)
    const body = gzipOf([pieceOf(Buffer.from(before)), zipped, pieceOf(Buffer.from(endOf(format)))])
    assert.equal(gunzipSync(body).toString(), whole)
  }
}

const host = fc.oneof(
  fc.constantFrom('alpha', 'beta', 'a"b', 'a\ud800b', 'a\ufffdb', 'x'.repeat(1100)),
  fc.integer({ min: 0, max: 400 }).map(String),
)
const anyRepository = fc.record({
  name: fc.integer({ min: 0, max: 199 }).map((at) => `r${at}`),
  hosts: fc.uniqueArray(host, { maxLength: 4 }),
  snapshots: fc.nat(),
})
const change = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), repository: anyRepository }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('move' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('job' as const), name: fc.constantFrom('a', 'b', 'c'), at: fc.nat({ max: 220 }) }),
  fc.record({ kind: fc.constant('count' as const), at: fc.nat({ max: 220 }), runs: fc.nat() }),
)

describe('blocks', () => {
  it.each(Object.entries({ healthyStanding, failingStanding, fullStanding }))(
    'say what a whole render says: %s',
    (_, one) => assertSame(openBlocks(2000), one, 2000),
  )

  it('say it after whatever changed', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (rounds) => {
        const blocks = openBlocks(50)
        // Three groups, the last one not full.
        let repositories: RepositoryStanding[] = Array.from({ length: 150 }, (_, at) =>
          makeRepository({ name: `r${at}`, sets: [makeSet({ repository: `r${at}`, snapshots: at })] }),
        )
        let jobs: JobStanding[] = []
        let totals: Standing['totals'] = []
        for (const round of rounds) {
          for (const one of round) {
            if (one.kind === 'put') {
              const { name, hosts, snapshots } = one.repository
              const made = makeRepository({
                name,
                sets: hosts.map((host) => makeSet({ repository: name, host, snapshots })),
              })
              repositories = repositories.some((old) => old.name === name)
                ? repositories.map((old) => (old.name === name ? made : old))
                : [...repositories, made]
            } else if (one.kind === 'drop') repositories = repositories.toSpliced(one.at % 150, 1)
            else if (one.kind === 'move')
              repositories = [...repositories.slice(one.at % 150), ...repositories.slice(0, one.at % 150)]
            else if (one.kind === 'job')
              jobs = [
                ...jobs.filter(({ name }) => name !== one.name),
                makeJob({ name: one.name, repository: `r${one.at}` }),
              ]
            else totals = [{ repository: `r${one.at}`, operation: 'check', outcome: 'ok', runs: one.runs }]
          }
          await assertSame(blocks, makeStanding({ repositories, jobs, totals }), 50)
        }
      }),
      { numRuns: 25 },
    ),
  )

  it('are the same bytes where nothing changed', async () => {
    const blocks = openBlocks(2000)
    const of = (changed: number): Standing =>
      makeStanding({
        jobs: [],
        totals: [],
        repositories: all.map((one, at) => (at === changed ? { ...one, tool: 'borg' } : one)),
      })
    const all = Array.from({ length: 130 }, (_, at) => makeRepository({ name: `r${at}`, sets: [makeSet()] }))
    const first = await blocks.plain(of(-1), 'prometheus')
    const second = await blocks.plain(of(70), 'prometheus')
    assert.equal(second.length, first.length)
    // The second group of one family: `muster_repository_info` has the tool.
    assert.equal(second.filter((bytes, at) => bytes !== first[at]).length, 1)
  })

  it('let others be answered while many are written', async () => {
    const repositories = Array.from({ length: 300 }, (_, at) =>
      makeRepository({ name: `r${at}`, sets: Array.from({ length: 20 }, (_, set) => makeSet({ host: `h${set}` })) }),
    )
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const blocks = openBlocks(2000)
    await blocks.zipped(makeStanding({ repositories }), 'prometheus')
    clearInterval(timer)
    assert.ok(turns >= 5, `${turns}`)
  })
})
