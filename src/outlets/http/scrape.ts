/** `/metrics`: both text formats, plain or gzip; ten scrapers in one second cost as much as one. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { accepts } from 'hono/accepts'
import type { Standing } from '../../model/standing.ts'
import { openBlocks } from '../metrics/blocks.ts'
import { contentTypes, endOf, type Format, renderFamilies } from '../metrics/exposition.ts'
import type { Family } from '../metrics/family.ts'
import { gzipOf, pieceOf } from '../metrics/gzip.ts'
import { processFamilies } from '../metrics/process-families.ts'
import { ownFamilies } from '../metrics/render.ts'
import type { Ctx } from './bindings.ts'
import { securityHeaders } from './headers.ts'
import { type Memo, memo } from './memo.ts'

interface ScrapeIo {
  readonly figures: Memo<Standing>
  readonly maxSeries: number
  readonly keepMs: number
  own(): readonly Family[]
}

export function scrapeRoute({ figures, maxSeries, keepMs, own }: ScrapeIo): (c: Ctx) => Promise<Response> {
  const blocks = openBlocks(maxSeries)
  const extra = memo(async () => [...own(), ...(await processFamilies())], keepMs)
  /** What is told of the process itself is another at each scrape, and short. */
  const around = async (standing: Standing, format: Format) => ({
    before: Buffer.from(renderFamilies(ownFamilies(standing), format)),
    after: Buffer.from(renderFamilies(await extra.get(), format) + endOf(format)),
  })
  const plainOf = (format: Format) =>
    memo(async () => {
      const standing = await figures.get()
      const { before, after } = await around(standing, format)
      return [before, ...(await blocks.plain(standing, format)), after]
    }, keepMs)
  const zippedOf = (format: Format) =>
    memo(async () => {
      const standing = await figures.get()
      const { before, after } = await around(standing, format)
      return [gzipOf([pieceOf(before), await blocks.zipped(standing, format), pieceOf(after)])]
    }, keepMs)
  const plain = { prometheus: plainOf('prometheus'), openmetrics: plainOf('openmetrics') }
  const zipped = { prometheus: zippedOf('prometheus'), openmetrics: zippedOf('openmetrics') }
  return async (c) => {
    const format = formatFor(c)
    const headers = {
      'content-type': contentTypes[format],
      'cache-control': 'no-store',
      vary: 'accept, accept-encoding',
    }
    if (!takesGzip(c)) return sent(c, headers, await plain[format].get())
    return sent(c, { ...headers, 'content-encoding': 'gzip' }, await zipped[format].get())
  }
}

/** Straight to the connection: a Response would copy ten megabytes twice on their way. */
function sent(c: Ctx, headers: Readonly<Record<string, string>>, chunks: readonly Buffer[]): Response {
  const outgoing = c.env?.outgoing
  if (outgoing === undefined || c.req.method !== 'GET') return c.body(Buffer.concat(chunks), 200, headers)
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  outgoing.writeHead(200, { ...securityHeaders, ...headers, 'content-length': length })
  outgoing.cork()
  for (const chunk of chunks) outgoing.write(chunk)
  outgoing.end()
  return RESPONSE_ALREADY_SENT
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
