/** Routes of the compatible metrics, and what a surface that takes another program's place answers. */
import { Hono } from 'hono'
import type { Run } from '../../model/run.ts'
import type { RepositoryStanding, Standing } from '../../model/standing.ts'
import type { Compat, MadeBy, OfAll, OfEach, OfOne, RepositoryFacts } from '../metrics/compat/compat.ts'
import { compats } from '../metrics/compat/registry.generated.ts'
import { contentTypes } from '../metrics/exposition.ts'
import type { Ctx, Env } from './bindings.ts'
import { type Memo, memo } from './memo.ts'
import { refusals, refuse } from './refusals.ts'
import type { HttpSource } from './types.ts'

const all: readonly Compat[] = Object.values(compats)
/** Newest backups looked at for what they say of the snapshots they made. */
const mostRuns = 1000
const keepMs = 5_000

/** Below `/compat`: one route a system. */
export function createCompat(source: HttpSource, standing: Memo<Standing>): Hono<Env> {
  const routes = new Hono<Env>()
  for (const compat of all) {
    if (compat.scope !== 'repository') routes.get(`/${compat.system}/metrics`, wholeOf(compat, source, standing))
    else {
      const texts = new Map<string, Memo<string>>()
      routes.get(`/${compat.system}/:repository/metrics`, (c) => ofOne(c, compat, source, standing, texts))
    }
  }
  return routes
}

type Answer = (c: Ctx) => Promise<Response>

/** Of what tells everything in one text: the answer to any request for it. */
function wholeOf(compat: OfAll | OfEach, source: HttpSource, standing: Memo<Standing>): Answer {
  if (compat.scope === 'all') return (c) => ofAll(c, compat, source, standing, false)
  const text = memo(() => textOfEach(compat, source, standing), keepMs)
  return async (c) => plain(c, await text.get())
}

/** Systems that can have an address of their own: those that tell everything in one text. */
export const wholeSystems: readonly string[] = all.flatMap(({ scope, system }) =>
  scope === 'repository' ? [] : [system],
)

/** What an address that serves one system alone answers, whatever it is asked for. */
export function onlyMetrics(system: string, source: HttpSource, standing: Memo<Standing>): Answer {
  const compat = all.find((one) => one.system === system)
  if (compat === undefined || compat.scope === 'repository') throw new Error(`${system} has no metrics of everything`)
  return wholeOf(compat, source, standing)
}

/** `/metrics` in the place of another program: nothing is answered before there is something to tell. */
export function replacedMetrics(system: string, source: HttpSource, standing: Memo<Standing>) {
  const compat = all.find((one) => one.system === system)
  if (compat?.scope !== 'all') throw new Error(`${system} has no metrics of everything`)
  return async (c: Ctx): Promise<Response> => ofAll(c, compat, source, standing, true)
}

async function ofAll(
  c: Ctx,
  compat: OfAll,
  source: HttpSource,
  standing: Memo<Standing>,
  keepsKnown: boolean,
): Promise<Response> {
  const collectedAt = await source.collectedAt?.()
  if (source.hasCollected?.(collectedAt) === false) return refuse(c, 503, refusals.collecting, { 'retry-after': '5' })
  const { repositories, jobs } = await standing.get()
  const urlOf = source.urlOf ?? (({ location }) => location)
  return plain(c, compat.render({ now: new Date(), repositories, jobs, collectedAt, urlOf, keepsKnown }))
}

async function ofOne(
  c: Ctx,
  compat: OfOne,
  source: HttpSource,
  standing: Memo<Standing>,
  texts: Map<string, Memo<string>>,
): Promise<Response> {
  const { repositories } = await standing.get()
  const name = repositories.find((one) => one.name === c.req.param('repository'))?.name
  if (name === undefined) return refuse(c, 404, refusals.noRepository)
  // Every snapshot is looked at: many scrapers cost as much as one.
  const text = texts.get(name) ?? memo(() => textOf(name, compat, source, standing), keepMs)
  texts.set(name, text)
  return plain(c, await text.get())
}

async function textOf(name: string, compat: OfOne, source: HttpSource, standing: Memo<Standing>): Promise<string> {
  const { repositories } = await standing.get()
  const repository = repositories.find((one) => one.name === name)
  return repository === undefined ? '' : compat.render(await factsOf(repository, source))
}

async function textOfEach(compat: OfEach, source: HttpSource, standing: Memo<Standing>): Promise<string> {
  const { repositories } = await standing.get()
  const own = repositories.filter(({ tool }) => tool === compat.tool)
  return compat.render(await Promise.all(own.map((repository) => factsOf(repository, source))))
}

async function factsOf(repository: RepositoryStanding, source: HttpSource): Promise<RepositoryFacts> {
  const [snapshots, runs] = await Promise.all([
    source.snapshots(repository.name),
    source.runs({ repository: repository.name, operation: 'backup', most: mostRuns }),
  ])
  return { repository, snapshots, made: new Map(runs.flatMap(madeBy)) }
}

function madeBy({ snapshotId, counters, startedAt, endedAt }: Run): (readonly [string, MadeBy])[] {
  if (snapshotId === undefined || counters === undefined || endedAt === undefined) return []
  return [[snapshotId, { counters, durationMs: endedAt.getTime() - startedAt.getTime() }]]
}

const plain = (c: Ctx, text: string): Response =>
  c.body(text, 200, { 'content-type': contentTypes.prometheus, 'cache-control': 'no-store' })

/** What restic-reporter says at every path that it does not know. */
export const signpost = (c: Ctx): Response =>
  c.body('<h1>Restic Exporter</h1><pre><a href="/metrics">/metrics</a></pre>', 200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
