/** Silences what was answered, in the Alertmanager that told of it. Source: Alertmanager, its API v2, `/silences`. */
import type { Alert } from '../../model/alert.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { Secret } from '../../model/secret.ts'
import { authorizationOf, type ExchangeIo, exchange, isLater } from '../../system/exchange.ts'
import { redactor } from '../../system/redact.ts'

export interface Silencer {
  /** Whatever stands before `/api`. */
  readonly url: string
  readonly token?: Secret
}

export interface SilenceWish {
  /** Of the diagnosis: it is in the comment, and what has it there is not silenced again. */
  readonly id: string
  readonly alerts: readonly Alert[]
  /** The answer, in one line. */
  readonly answer: string
  readonly from: Date
  readonly until: Date
}

interface Matcher {
  readonly name: string
  readonly value: string
  readonly isRegex: boolean
  readonly isEqual: boolean
}
interface Silence {
  readonly matchers: readonly Matcher[]
  readonly startsAt: string
  readonly endsAt: string
  readonly createdBy: string
  readonly comment: string
}

/** Of one answer; a group with more is a flood, and fewer silences would do. */
const mostSilences = 50
const mostAnswerBytes = 10 * 1024 * 1024
const mostComment = 500
const createdBy = 'muster'

/** One for each alert that fires, by all of its labels. */
export function silencesOf({ id, alerts, answer, from, until }: SilenceWish): readonly Silence[] {
  const firing = new Map(alerts.filter(({ status }) => status === 'firing').map((one) => [one.fingerprint, one]))
  for (const { status, fingerprint } of alerts) if (status === 'resolved') firing.delete(fingerprint)
  const line = answer.replaceAll(/\s+/g, ' ').trim().slice(0, mostComment)
  return [...firing.values()].slice(0, mostSilences).flatMap(({ labels }): Silence[] => {
    // One of empty values would fit everything.
    const told = Object.entries(labels).filter(([, value]) => value !== '')
    if (told.length === 0) return []
    const matchers = told.map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }))
    return [
      { matchers, startsAt: from.toISOString(), endsAt: until.toISOString(), createdBy, comment: `${line} (${id})` },
    ]
  })
}

/** What is silent already by the same answer stays as it is. @returns How many are silent now that were not. */
export async function silence(
  { url, token }: Silencer,
  wish: SilenceWish,
  io: ExchangeIo,
): Promise<Result<{ readonly silenced: number }>> {
  const wanted = silencesOf(wish)
  if (wanted.length === 0) return ok({ silenced: 0 })
  const target = `${url.replace(/\/+$/, '')}/api/v2/silences`
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    authorization: authorizationOf(token, undefined, undefined),
  }
  const ask = async (method: 'GET' | 'POST', body?: string): Promise<Result<string>> => {
    const request = { url: new Secret(target), method, headers, mostAnswerBytes, ...(body !== undefined && { body }) }
    const answer = await exchange(request, io)
    if (answer.kind !== 'answered') {
      const why =
        answer.kind === 'unreachable' ? `${answer.host} cannot be reached: ${answer.why}` : 'its address is no URL'
      return fail(problem(why, 'soon'))
    }
    const { host, status, text } = answer
    if (status === 200) return ok(text)
    const said = redactor(token === undefined ? [] : [token])(text)
      .slice(0, 100)
      .trim()
    return fail(problem(`${host} answered HTTP ${status} ${said}`, isLater(status) ? 'soon' : 'never'))
  }
  const known = await ask('GET')
  if (!known.ok) return known
  const silent = silentBy(known.value, wish.id)
  if (silent === undefined) return fail(problem('what answers is no Alertmanager', 'never'))
  let silenced = 0
  for (const one of wanted) {
    if (silent.has(keyOf(one.matchers))) continue
    const made = await ask('POST', JSON.stringify(one))
    if (!made.ok) return made
    silenced += 1
  }
  return ok({ silenced })
}

/** Keys of those that are in force by this answer. @returns Undefined for what is no list of silences. */
function silentBy(text: string, id: string): ReadonlySet<string> | undefined {
  try {
    const list = JSON.parse(text) as (Partial<Silence> & { status?: { state?: string } })[]
    if (!Array.isArray(list)) return undefined
    const mine = list.filter(
      ({ createdBy: by, comment, status }) =>
        by === createdBy && comment?.endsWith(`(${id})`) === true && status?.state !== 'expired',
    )
    return new Set(mine.map(({ matchers }) => keyOf(matchers ?? [])))
  } catch {
    return undefined
  }
}

const keyOf = (matchers: readonly Matcher[]): string =>
  JSON.stringify(matchers.map(({ name, value }) => [name, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)))

const problem = (why: string, retry: Problem['retry']): Problem => ({
  code: 'diagnose.silence',
  message: `The alerts that were answered cannot be silenced: ${why}.`,
  next: 'Look at diagnose.alertmanager: its url is where the page of the Alertmanager is, and token opens it.',
  retry,
})
