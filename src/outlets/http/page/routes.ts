/** The pages and their files. */
import { Hono } from 'hono'
import type { Standing } from '../../../model/standing.ts'
import type { Ctx, Env } from '../bindings.ts'
import type { Memo } from '../memo.ts'
import { refusals, refuse } from '../refusals.ts'
import type { HttpSource } from '../types.ts'
import { renderDeliveries } from './deliveries.ts'
import { favicon, faviconPath } from './favicon.ts'
import { renderJob } from './job.ts'
import type { Html } from './layout.ts'
import { renderOverview } from './overview.ts'
import { renderRepositoryPage } from './repository.ts'
import { style, stylePath } from './style.ts'

const mostRuns = 50
const mostDeliveries = 100

export function createPages(source: HttpSource, standing: Memo<Standing>): Hono<Env> {
  const page = (c: Ctx, body: Html): Response | Promise<Response> => c.html(body, 200, { 'cache-control': 'no-store' })
  return new Hono<Env>()
    .get('/', async (c) => page(c, renderOverview(await standing.get())))
    .get('/jobs/:name', async (c) => {
      const now = await standing.get()
      const job = now.jobs.find(({ name }) => name === c.req.param('name'))
      if (job === undefined) return refuse(c, 404, refusals.noJob)
      return page(c, renderJob(now, job, await source.runs({ job: job.name, most: mostRuns })))
    })
    .get('/deliveries', async (c) =>
      page(c, renderDeliveries(await standing.get(), await source.deliveries(mostDeliveries))),
    )
    .get('/repositories/:name', async (c) => {
      const now = await standing.get()
      const repository = now.repositories.find(({ name }) => name === c.req.param('name'))
      if (repository === undefined) return refuse(c, 404, refusals.noRepository)
      return page(c, renderRepositoryPage(now, repository, await source.snapshots(repository.name)))
    })
    .get(`/${stylePath}`, (c) => file(c, style, 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'))
    .get(`/${faviconPath}`, (c) => file(c, favicon, 'image/svg+xml', 'public, max-age=86400'))
}

const file = (c: Ctx, text: string, type: string, cache: string): Response =>
  c.body(text, 200, { 'content-type': type, 'cache-control': cache })
