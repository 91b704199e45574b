/** `/api/v1`: what the page shows, as JSON, described by `/api/v1/openapi.json`. */

import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Standing as StandingNow } from '../../../model/standing.ts'
import { version } from '../../../system/version.ts'
import type { Env } from '../bindings.ts'
import type { Memo } from '../memo.ts'
import { refusals, refuse } from '../refusals.ts'
import type { HttpSource } from '../types.ts'
import { Refused } from './common.ts'
import { Diagnosis } from './diagnoses.ts'
import { JobStanding, RepositoryStanding, Run, Snapshot, Standing } from './schemas.ts'
import { Delivery, Incident } from './telling.ts'

const most = (usual: number, limit: number) =>
  z.object({
    most: z.coerce
      .number()
      .int()
      .min(1)
      .max(limit)
      .default(usual)
      .openapi({ param: { name: 'most', in: 'query' }, description: 'How many, newest first.' }),
  })
const named = (what: string) =>
  z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' }, description: `Name of the ${what}.` }) })
const json = <S extends z.ZodType>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
})
const refused = { 400: json('The request cannot be read.', Refused), 404: json('No such name.', Refused) }

const routes = {
  status: createRoute({
    method: 'get',
    path: '/status',
    summary: 'How everything stands',
    responses: { 200: json('The standing.', Standing) },
  }),
  jobs: createRoute({
    method: 'get',
    path: '/jobs',
    summary: 'All jobs',
    responses: { 200: json('Jobs.', z.object({ jobs: z.array(JobStanding) })) },
  }),
  runs: createRoute({
    method: 'get',
    path: '/jobs/{name}/runs',
    summary: 'Runs of a job, newest first',
    request: { params: named('job'), query: most(50, 1000) },
    responses: { 200: json('Runs.', z.object({ runs: z.array(Run) })), ...refused },
  }),
  repositories: createRoute({
    method: 'get',
    path: '/repositories',
    summary: 'All repositories',
    responses: { 200: json('Repositories.', z.object({ repositories: z.array(RepositoryStanding) })) },
  }),
  incidents: createRoute({
    method: 'get',
    path: '/incidents',
    summary: 'Verdicts that are not fine, and those of the last week that were not',
    responses: { 200: json('Incidents.', z.object({ incidents: z.array(Incident) })) },
  }),
  deliveries: createRoute({
    method: 'get',
    path: '/deliveries',
    summary: 'What was told to whom, and what became of it, newest first',
    request: { query: most(50, 1000) },
    responses: { 200: json('Deliveries.', z.object({ deliveries: z.array(Delivery) })), 400: refused[400] },
  }),
  diagnoses: createRoute({
    method: 'get',
    path: '/diagnoses',
    summary: 'Alerts that were looked into, with all that was found, newest first',
    request: { query: most(50, 1000) },
    responses: { 200: json('Diagnoses.', z.object({ diagnoses: z.array(Diagnosis) })), 400: refused[400] },
  }),
  snapshots: createRoute({
    method: 'get',
    path: '/repositories/{name}/snapshots',
    summary: 'Snapshots of a repository, newest first',
    request: { params: named('repository'), query: most(500, 10_000) },
    responses: {
      200: json(
        'Snapshots, and how many there are in all.',
        z.object({ total: z.int(), snapshots: z.array(Snapshot) }),
      ),
      ...refused,
    },
  }),
}

export function createApi(source: HttpSource, standing: Memo<StandingNow>): OpenAPIHono<Env> {
  const api = new OpenAPIHono<Env>({
    defaultHook: (result, c) =>
      result.success ? undefined : refuse(c, 400, { ...refusals.badQuery, message: sayIssues(result.error.issues) }),
  })
  api.use(async (c, next) => {
    c.header('cache-control', 'no-store')
    await next()
  })
  api.openapi(routes.status, async (c) => c.json(wire(await standing.get()), 200))
  api.openapi(routes.jobs, async (c) => c.json({ jobs: wire((await standing.get()).jobs) }, 200))
  api.openapi(routes.runs, async (c) => {
    const { name } = c.req.valid('param')
    if (!(await standing.get()).jobs.some((job) => job.name === name)) return c.json({ problem: refusals.noJob }, 404)
    return c.json({ runs: wire(await source.runs({ job: name, most: c.req.valid('query').most })) }, 200)
  })
  api.openapi(routes.repositories, async (c) =>
    c.json({ repositories: wire((await standing.get()).repositories) }, 200),
  )
  api.openapi(routes.incidents, async (c) => c.json({ incidents: wire(await source.incidents()) }, 200))
  api.openapi(routes.deliveries, async (c) =>
    c.json({ deliveries: wire(await source.deliveries(c.req.valid('query').most)) }, 200),
  )
  api.openapi(routes.diagnoses, async (c) =>
    c.json({ diagnoses: wire(await source.diagnoses(c.req.valid('query').most)) }, 200),
  )
  api.openapi(routes.snapshots, async (c) => {
    const { name } = c.req.valid('param')
    if (!(await standing.get()).repositories.some((repository) => repository.name === name))
      return c.json({ problem: refusals.noRepository }, 404)
    const all = await source.snapshots(name)
    return c.json({ total: all.length, snapshots: wire(all.slice(-c.req.valid('query').most).reverse()) }, 200)
  })
  api.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Muster', version }, servers: [{ url: '/api/v1' }] })
  return api
}

const sayIssues = (issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string =>
  issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ')

/** A value as JSON carries it: dates are text, and nothing is read-only. */
type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { -readonly [K in keyof T]: Wire<T[K]> }
      : T

/** Only for the compiler, which so compares `model` with the schemas; `c.json` writes dates as text by itself. */
const wire = <T>(value: T): Wire<T> => value as Wire<T>
