/** `/metrics`: both text formats, plain or gzip; ten scrapers in one second cost as much as one. */
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { accepts } from 'hono/accepts'
import type { Standing } from '../../model/standing.ts'
import { contentTypes, type Format } from '../metrics/exposition.ts'
import type { Family } from '../metrics/family.ts'
import { processFamilies } from '../metrics/process-families.ts'
import { metricParts } from '../metrics/render.ts'
import type { Ctx } from './bindings.ts'
import { type Memo, memo } from './memo.ts'

const gzipAsync = promisify(gzip)

interface ScrapeIo {
  readonly standing: Memo<Standing>
  readonly maxSeries: number
  readonly keepMs: number
  own(): readonly Family[]
}

export function scrapeRoute({ standing, maxSeries, keepMs, own }: ScrapeIo): (c: Ctx) => Promise<Response> {
  const bodyOf = (format: Format) =>
    memo(async () => {
      const extra = [...own(), ...(await processFamilies())]
      return unhurried(metricParts(await standing.get(), { maxSeries, format }, extra))
    }, keepMs)
  const plain = { prometheus: bodyOf('prometheus'), openmetrics: bodyOf('openmetrics') }
  const zipOf = (format: Format) =>
    memo(async () => new Uint8Array(await gzipAsync(await plain[format].get(), { level: 1 })), keepMs)
  const zipped = { prometheus: zipOf('prometheus'), openmetrics: zipOf('openmetrics') }
  return async (c) => {
    const format = formatFor(c)
    c.header('content-type', contentTypes[format])
    c.header('cache-control', 'no-store')
    c.header('vary', 'accept, accept-encoding')
    if (!takesGzip(c)) return c.body(new Uint8Array(await plain[format].get()))
    c.header('content-encoding', 'gzip')
    return c.body(await zipped[format].get())
  }
}

/** Joins the parts, and lets others be answered between them. */
async function unhurried(parts: Iterable<string>): Promise<Buffer> {
  const done: Buffer[] = []
  for (const part of parts) {
    done.push(Buffer.from(part))
    await setImmediate()
  }
  return Buffer.concat(done)
}

const takesGzip = (c: Ctx): boolean =>
  accepts(c, { header: 'Accept-Encoding', supports: ['gzip', 'identity'], default: 'identity' }) === 'gzip'

/** OpenMetrics where it is asked for in version 1.0.0 and liked better than plain text; plain text for everybody else. */
function formatFor(c: Ctx): Format {
  const isOurs = ({ type, params }: { type: string; params: Record<string, string> }): Format | undefined => {
    if (type === 'application/openmetrics-text')
      return (params.version ?? '1.0.0') === '1.0.0' ? 'openmetrics' : undefined
    return type === 'text/plain' || type === 'text/*' || type === '*/*' ? 'prometheus' : undefined
  }
  const match = accepts(c, {
    header: 'Accept',
    supports: ['openmetrics', 'prometheus'],
    default: 'prometheus',
    match: (wanted) => {
      const best = wanted.filter((one) => one.q > 0 && isOurs(one) !== undefined).sort((a, b) => b.q - a.q)[0]
      return (best && isOurs(best)) ?? 'prometheus'
    },
  })
  return match === 'openmetrics' ? 'openmetrics' : 'prometheus'
}
