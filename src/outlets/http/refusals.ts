/** What is answered when something is not: one sentence, what to do, and nothing of the inside. */

import { accepts } from 'hono/accepts'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Problem } from '../../model/problem.ts'
import type { Ctx } from './bindings.ts'
import { renderRefusal } from './page/refusal.ts'

export type Refusal = Pick<Problem, 'code' | 'message' | 'next'>

const refusal = (code: string, message: string, next: string): Refusal => ({ code, message, next })

export const refusals = {
  badRequest: refusal(
    'http.bad-request',
    'This request cannot be read.',
    'Ask for a path of this server, such as / or /metrics.',
  ),
  badQuery: refusal(
    'http.bad-query',
    'A parameter has no value that is allowed.',
    'See /api/v1/openapi.json for what is allowed.',
  ),
  login: refusal(
    'http.login',
    'A login is needed.',
    'Send the user and password, or the bearer token, that server.auth names.',
  ),
  inboxLogin: refusal(
    'http.login',
    'A login is needed.',
    'Send a token that inbox.tokens names: as bearer token, or as the password of any user.',
  ),
  host: refusal(
    'http.unknown-host',
    'This server is not asked by this name.',
    'Ask by the address it listens on, or add the name to server.hosts in muster.yaml.',
  ),
  crossOrigin: refusal(
    'http.cross-origin',
    'Another site may not change anything here.',
    'Ask from this server itself, or without a browser.',
  ),
  tooLarge: refusal('http.too-large', 'The body of this request is larger than 1 MiB.', 'Send no body.'),
  tooManyAlerts: refusal(
    'http.too-large',
    'The body of this request is larger than 10 MiB.',
    'Let the Alertmanager send fewer at once: max_alerts in its webhook_configs.',
  ),
  noInbox: refusal('http.no-inbox', 'Muster takes no alerts here.', 'Write `inbox: {}` into muster.yaml, and reload.'),
  overloaded: refusal('http.overloaded', 'More comes in than can be taken.', 'Send it again in a moment.'),
  notFound: refusal('http.not-found', 'There is nothing at this address.', 'Begin at the front page.'),
  noJob: refusal('http.no-job', 'No job has this name.', 'The front page lists all jobs.'),
  noRepository: refusal('http.no-repository', 'No repository has this name.', 'The front page lists all repositories.'),
  method: refusal(
    'http.method',
    'This address does not answer this method.',
    'The header Allow names those it answers.',
  ),
  starting: refusal('http.starting', 'Muster is starting.', 'Ask again in a few seconds.'),
  collecting: refusal(
    'http.collecting',
    'The first collection is under way.',
    'Ask again when every repository was read; at the latest after a minute.',
  ),
  unexpected: refusal(
    'http.unexpected',
    'Something went wrong inside Muster. It was written to its log.',
    'Look at the log of `muster serve`, and report it.',
  ),
} as const

/** JSON for programs, a page for browsers, plain text for all others. */
export function refuse(
  c: Ctx,
  status: ContentfulStatusCode,
  why: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response | Promise<Response> {
  const { code, message, next } = why
  for (const [name, value] of Object.entries({ 'cache-control': 'no-store', ...headers })) c.header(name, value)
  if (/^\/(?:api|-)(?:\/|$)/.test(c.req.path)) return c.json({ problem: { code, message, next } }, status)
  const type = accepts(c, { header: 'Accept', supports: ['text/html', 'text/plain'], default: 'text/plain' })
  if (type === 'text/html') return c.html(renderRefusal(status, why, c.req.path.split('/').length - 2), status)
  return c.text(`${message}\n${next}\n`, status)
}
