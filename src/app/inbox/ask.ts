/** What an Alertmanager is asked, and what is wrong where it does not answer. Source: Alertmanager, its API v2. */
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import { Secret } from '../../model/secret.ts'
import { type ActiveAlert, decodeActive } from '../../sources/inbox/alertmanager/index.ts'
import { authorizationOf, type ExchangeIo, exchange, isOfUnknownAuthority } from '../../system/exchange.ts'
import { redactor } from '../../system/redact.ts'

export interface Alertmanager {
  /** Whatever stands before `/api`. */
  readonly url: string
  readonly token?: Secret
  readonly ca?: string
}

const mostAnswerBytes = 10 * 1024 * 1024

export async function activeAlerts(
  manager: Alertmanager,
  secrets: readonly Secret[],
  io: ExchangeIo,
): Promise<Result<readonly ActiveAlert[]>> {
  const answer = await asked(manager, '/api/v2/alerts', secrets, io)
  if (!answer.ok) return answer
  const alerts = decodeActive(answer.value.bytes)
  return alerts.ok ? alerts : fail(strange(manager, alerts.problem.message))
}

/** When it started, and what time it is there. */
export async function startedAt(
  manager: Alertmanager,
  secrets: readonly Secret[],
  io: ExchangeIo,
): Promise<Result<{ readonly at: Date; readonly now: Date }>> {
  const answer = await asked(manager, '/api/v2/status', secrets, io)
  if (!answer.ok) return answer
  try {
    const { uptime } = JSON.parse(Buffer.from(answer.value.bytes).toString('utf8')) as { uptime?: unknown }
    const at = new Date(String(uptime))
    if (!Number.isNaN(at.getTime())) return ok({ at, now: answer.value.at ?? new Date() })
  } catch {
    // Told below.
  }
  return fail(strange(manager, 'it does not say since when it runs.'))
}

async function asked(
  { url, token, ca }: Alertmanager,
  path: string,
  secrets: readonly Secret[],
  io: ExchangeIo,
): Promise<Result<{ readonly bytes: Uint8Array; readonly at?: Date }>> {
  const target = `${url.replace(/\/+$/, '')}${path}`
  const headers = { accept: 'application/json', authorization: authorizationOf(token, undefined, undefined) }
  const answer = await exchange({ url: new Secret(target), method: 'GET', headers, ca, mostAnswerBytes }, io)
  const redact = redactor(secrets)
  const failed = (why: string, next: string): Result<never> =>
    fail({
      code: 'inbox.alertmanager',
      message: redact(`The Alertmanager cannot be asked for its alerts: ${why}.`),
      next,
      retry: 'soon',
    })
  if (answer.kind === 'address') return failed('its address is no URL', 'Correct inbox.poll.url.')
  if (answer.kind === 'ca') return failed(`${answer.file} cannot be read: ${answer.why}`, 'Correct inbox.poll.ca.')
  if (answer.kind === 'unreachable')
    return failed(
      `${answer.host} cannot be reached: ${answer.why}`,
      isOfUnknownAuthority(answer.why)
        ? 'Name the file with the authority of its certificate as `inbox.poll.ca`.'
        : 'Look whether it runs and listens there, and correct inbox.poll.url where it does elsewhere.',
    )
  const { host, status, text, bytes, isCut, at } = answer
  if (status === 401 || status === 403) return failed(`${host} answered HTTP ${status}`, 'Correct inbox.poll.token.')
  if (status !== 200)
    return failed(`${host} answered HTTP ${status} ${redact(text).slice(0, 100).trim()}`, 'Correct inbox.poll.url.')
  if (isCut)
    return failed(`${host} has more than 10 MiB of them`, 'See what floods it; nothing of its alerts is taken so long.')
  return ok({ bytes, ...(at && { at }) })
}

const strange = ({ url }: Alertmanager, why: string): Problem => ({
  code: 'inbox.alertmanager',
  message: `What listens at ${URL.parse(url)?.host ?? 'inbox.poll.url'} is no Alertmanager: ${why}`,
  next: 'Correct inbox.poll.url: the address at which its page is, without /api.',
  retry: 'soon',
})
