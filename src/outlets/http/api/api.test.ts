import { strict as assert } from 'node:assert'
import { z } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { describe, it } from 'vitest'
import { fullStanding } from '../../../../test/fixtures/standing.ts'
import { sourceOf } from '../../../../test/http/serving.ts'
import { failingStanding, healthyStanding, makeDiagnosis, makeSnapshots } from '../../../../test/http/standings.ts'
import type { Env } from '../bindings.ts'
import { memo } from '../memo.ts'
import type { HttpSource, RunQuery } from '../types.ts'
import { Refused } from './common.ts'
import { Diagnosis } from './diagnoses.ts'
import { createApi } from './routes.ts'
import { JobStanding, RepositoryStanding, Run, Snapshot, Standing } from './schemas.ts'
import { Delivery, Incident } from './telling.ts'

/** Asks, and takes nothing but what the schema says. */
function asked(source: HttpSource) {
  const app = new Hono<Env>().route(
    '/api/v1',
    createApi(
      source,
      memo(() => source.standing(), 1000),
    ),
  )
  return async <S extends z.ZodType>(path: string, schema: S, status = 200): Promise<z.output<S>> => {
    const response = await app.request(`/api/v1${path}`)
    assert.equal(response.status, status)
    const body: unknown = await response.json()
    assert.deepEqual(schema.parse(body), body)
    return schema.parse(body)
  }
}

const Snapshots = z.strictObject({ total: z.int(), snapshots: z.array(Snapshot) })
const Incidents = z.strictObject({ incidents: z.array(Incident) })
const Deliveries = z.strictObject({ deliveries: z.array(Delivery) })
const Diagnoses = z.strictObject({ diagnoses: z.array(Diagnosis) })
const Runs = z.strictObject({ runs: z.array(Run) })
const OpenApi = z.looseObject({
  paths: z.record(
    z.string(),
    z.looseObject({
      get: z.looseObject({
        responses: z.record(
          z.string(),
          z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.looseObject({}) })) }),
        ),
      }),
    }),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

describe('the API', () => {
  const ask = asked(sourceOf(healthyStanding))

  it('tells what was found about alerts, whole', async () => {
    const { diagnoses } = await ask('/diagnoses', Diagnoses)
    assert.deepEqual(diagnoses, JSON.parse(JSON.stringify([makeDiagnosis()])))
  })

  it('has a word for all that can stand', async () => {
    const whole = await asked(sourceOf(fullStanding))('/status', Standing)
    assert.deepEqual(Object.keys(whole).sort(), Object.keys(fullStanding).sort())
  })

  it('tells incidents and deliveries', async () => {
    assert.deepEqual(
      (await ask('/incidents', Incidents)).incidents.map(({ number, closedAt }) => [number, closedAt === undefined]),
      [
        [1, true],
        [2, false],
      ],
    )
    assert.equal((await ask('/deliveries?most=3', Deliveries)).deliveries[0]?.message.title, 'job documents: failing')
    await ask('/deliveries?most=0', Refused, 400)
  })

  it('tells the standing as its schema says', async () => {
    for (const standing of [healthyStanding, failingStanding])
      assert.equal((await asked(sourceOf(standing))('/status', Standing)).now, standing.now.toISOString())
  })

  it('lists jobs, repositories, runs and snapshots', async () => {
    assert.equal((await ask('/jobs', z.strictObject({ jobs: z.array(JobStanding) }))).jobs.length, 4)
    assert.equal(
      (await ask('/repositories', z.strictObject({ repositories: z.array(RepositoryStanding) }))).repositories.length,
      2,
    )
    assert.equal((await ask('/jobs/documents/runs', Runs)).runs.length, 3)
    assert.equal((await ask('/repositories/nas/snapshots', Snapshots)).snapshots.length, 12)
  })

  it('gives the newest snapshots first, as many as were asked for, and says how many there are', async () => {
    const many = asked(sourceOf(healthyStanding, { snapshots: async () => makeSnapshots(40) }))
    const { total, snapshots } = await many('/repositories/nas/snapshots?most=3', Snapshots)
    assert.deepEqual([total, snapshots.length, snapshots[0]?.id], [40, 3, makeSnapshots(40).at(-1)?.id])
  })

  it('asks for as many runs as were asked for', async () => {
    const queries: RunQuery[] = []
    const noting = asked(
      sourceOf(healthyStanding, {
        runs: async (query) => {
          queries.push(query)
          return []
        },
      }),
    )
    await noting('/jobs/documents/runs', Runs)
    await noting('/jobs/documents/runs?most=1000', Runs)
    assert.deepEqual(queries, [
      { job: 'documents', most: 50 },
      { job: 'documents', most: 1000 },
    ])
  })

  for (const query of ['most=0', 'most=-1', 'most=1001', 'most=1.5', 'most=x', 'most='])
    it(`refuses ${query}`, async () =>
      assert.equal((await ask(`/jobs/documents/runs?${query}`, Refused, 400)).problem.code, 'http.bad-query'))

  for (const path of ['/jobs/nobody/runs', '/jobs/__proto__/runs', '/repositories/nobody/snapshots'])
    it(`${path} is not found`, async () =>
      assert.match((await ask(path, Refused, 404)).problem.code, /^http\.no-(job|repository)$/))

  it('lets no query reach a prototype', async () => {
    await ask('/jobs/documents/runs?__proto__[polluted]=1&constructor.prototype.polluted=1&__proto__.polluted=1', Runs)
    assert.equal('polluted' in {}, false)
  })

  it('describes every route it has, with a schema for every answer', async () => {
    const { paths, components } = await ask('/openapi.json', OpenApi)
    assert.deepEqual(Object.keys(paths).sort(), [
      '/deliveries',
      '/diagnoses',
      '/incidents',
      '/jobs',
      '/jobs/{name}/runs',
      '/repositories',
      '/repositories/{name}/snapshots',
      '/status',
    ])
    for (const [path, { get }] of Object.entries(paths))
      for (const [status, { content }] of Object.entries(get.responses))
        assert.ok(Object.keys(content['application/json']?.schema ?? {}).length > 0, `${path} ${status}`)
    for (const name of ['Standing', 'JobStanding', 'RepositoryStanding', 'Run', 'Snapshot', 'Verdict', 'Problem'])
      assert.ok(name in components.schemas, name)
  })
})
