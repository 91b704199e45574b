/** What NethServer 8 knows of its backups. */
import type { PlatformFacts } from '../../../model/diagnosis.ts'
import type { Problem } from '../../../model/problem.ts'
import { oneLine } from '../../../system/text.ts'
import { type Asked, decode } from './decode.ts'
import type { Found } from './found.ts'
import { isId } from './keys.ts'
import { problem as problemFor } from './problems.ts'
import { readFound } from './read.ts'
import { Reader } from './reader.ts'
import { openRedis, problemOf } from './redis.ts'
import type { Ns8Settings } from './settings.ts'

const mostIds = 100

/** Only reads, and within `settings.redis.timeout`. Never throws; what could not be asked is told by `problem`. */
export async function ns8Facts(
  { ids, now, recentWindowMs }: Asked,
  settings: Pick<Ns8Settings, 'redis'>,
  signal: AbortSignal,
): Promise<PlatformFacts> {
  const plain = [...new Set(ids)].filter(isId)
  const odd = [...new Set(ids)].filter((id) => !isId(id))
  const notes = [
    ...odd.slice(0, 5).map((id) => `Not asked about, because it is no id of a plan: ${oneLine(id.slice(0, 80))}`),
    ...(plain.length > mostIds ? [`Asked about ${mostIds} of ${plain.length} plans only.`] : []),
  ]
  const asked = { ids: plain.slice(0, mostIds), now, recentWindowMs }
  const till = AbortSignal.any([signal, AbortSignal.timeout(settings.redis.timeout)])
  const { found, problem, said } = await ask(asked.ids, settings, till)
  const decoded = decode(found, asked)
  const isUnclear = odd.length > 0 && plain.length === 0
  const trouble = problem ?? (isUnclear ? problemFor('ns8.plan-id', {}) : undefined)
  return {
    plans: decoded.plans,
    parts: decoded.parts,
    notes: [...notes, ...decoded.notes, ...said.slice(0, 20)],
    ...(trouble && { problem: trouble }),
  }
}

interface Answer {
  readonly found: Found
  readonly problem?: Problem | undefined
  readonly said: readonly string[]
}

const nothing: Found = { plans: [], statuses: [], titles: new Map(), destinations: new Map(), isCut: true }

async function ask(ids: readonly string[], settings: Pick<Ns8Settings, 'redis'>, till: AbortSignal): Promise<Answer> {
  let redis: Awaited<ReturnType<typeof openRedis>>
  try {
    redis = await openRedis(settings, till)
  } catch (error) {
    return { found: nothing, problem: problemOf(error, settings, till), said: [] }
  }
  try {
    const reader = new Reader(redis, settings, till)
    const found = await readFound(reader, ids)
    return { found, problem: reader.problem, said: reader.notes }
  } finally {
    redis.close()
  }
}
