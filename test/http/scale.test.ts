import { strict as assert } from 'node:assert'
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { describe, it } from 'vitest'
import type { Standing } from '../../src/model/standing.ts'
import { until } from '../real/wait.ts'
import { openPrometheus } from './prometheus.ts'
import { serving, sourceOf } from './serving.ts'
import { makeRepository, makeSet, makeStanding } from './standings.ts'

const repositories = 1000
const sets = 8
/** Of one backup set: five figures and eight verdicts. */
const seriesOfSet = 14

const manySets = (changed = -1): Standing =>
  makeStanding({
    jobs: [],
    totals: [],
    repositories: Array.from({ length: repositories }, (_, at) =>
      makeRepository({
        name: `repository-${at}`,
        sets: Array.from({ length: sets }, (_, set) =>
          makeSet({ repository: `repository-${at}`, host: `host-${set}`, snapshots: at === changed ? 4711 : 42 }),
        ),
      }),
    ),
  })

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('muster_set_'))

const all = 'count({__name__=~"muster_set_.*"})'

describe('100,000 series', { timeout: 240_000 }, () => {
  it('are read whole by a real Prometheus, again and again, also after a change', async () => {
    let standing = manySets()
    await using http = await serving(sourceOf(standing, { standing: async () => standing }))
    // How long a scrape takes is for the bench to say; here other tests keep the machine busy.
    await using prometheus = await openPrometheus(http.url, ['scrape_interval: 5s', 'scrape_timeout: 5s'])
    const first = async (query: string) => (await prometheus.query(query))[0]?.value
    await until('a whole scrape', async () => (await first(all)) === repositories * sets * seriesOfSet, 60_000)
    standing = manySets(500)
    await until('the change', async () => (await first('count(muster_set_snapshots == 4711)')) === sets, 60_000)
    assert.equal(await first('max(muster_set_snapshots{repository="repository-500"})'), 4711)
    assert.equal(await first(all), repositories * sets * seriesOfSet)
    assert.equal(await first('up'), 1)
    assert.deepEqual(await prometheus.target(), { health: 'up', lastError: '' })
  })

  it('are given to ten scrapers at once, packed, none the less whole', async () => {
    await using http = await serving(sourceOf(manySets()))
    const scrape = async (): Promise<number> => {
      const response = await fetch(`${http.url}metrics`, { headers: { 'accept-encoding': 'gzip' } })
      assert.equal(response.headers.get('content-encoding'), 'gzip')
      return linesOf(await response.text()).length
    }
    const health = async (): Promise<number> => (await fetch(`${http.url}healthz`)).status
    const [healthy, ...counts] = await Promise.all([health(), ...Array.from({ length: 10 }, scrape)])
    assert.equal(healthy, 200)
    assert.deepEqual(counts, Array(10).fill(repositories * sets * seriesOfSet))
  })

  it.skipIf(spawnSync('curl', ['--version']).status !== 0)(
    'are unpacked by curl as one member, and are what it gets plain',
    async () => {
      await using http = await serving(sourceOf(manySets()))
      const curl = async (...args: string[]): Promise<Buffer> =>
        (
          await promisify(execFile)('curl', ['--silent', '--fail', ...args, `${http.url}metrics`], {
            encoding: 'buffer',
            maxBuffer: 64 * 1024 * 1024,
          })
        ).stdout
      const plain = linesOf((await curl()).toString())
      assert.equal(plain.length, repositories * sets * seriesOfSet)
      assert.deepEqual(linesOf((await curl('--compressed')).toString()), plain)
      const packed = await curl('--header', 'accept-encoding: gzip')
      assert.ok(packed.length < 2_000_000, `${packed.length}`)
      assert.deepEqual(linesOf(gunzipSync(packed).toString()), plain)
    },
  )
})
