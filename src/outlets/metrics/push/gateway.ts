/** Pushgateway. Source: prometheus/pushgateway, README.md, "API" and "Query API". */
import { z } from 'zod'
import { groupKeyOf } from '../../../model/grouping.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Push } from '../../../model/push.ts'
import { Secret } from '../../../model/secret.ts'
import { exchange } from '../../../system/exchange.ts'
import type { Pushed } from './pushed.ts'
import { accessOf, ioOf, type ReceiverSettings, send } from './send.ts'

const methods = { put: 'PUT', post: 'POST', delete: 'DELETE' } as const

/** Puts, adds to or deletes a group. Never throws. */
export const pushGroup = (
  settings: ReceiverSettings,
  { key, method, body }: Pick<Push, 'key' | 'method' | 'body'>,
  signal: AbortSignal,
): Promise<Pushed> =>
  send(
    settings,
    {
      url: `${baseOf(settings)}/${key}`,
      method: methods[method],
      ...(method !== 'delete' && { body, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
    },
    signal,
  )

const baseOf = ({ url }: ReceiverSettings): string => url.replace(/\/+$/, '')

/** A gateway of thousands of groups tells them all at once. */
const mostListBytes = 128 * 1024 * 1024

const Groups = z.object({
  data: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      push_time_seconds: z.object({ metrics: z.array(z.object({ value: z.string() })) }).optional(),
    }),
  ),
})

/** When each group was last pushed, by `groupKeyOf` of its labels. Not every proxy lets this question through. */
export async function groupsAt(
  settings: ReceiverSettings,
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, Date>>> {
  const url = new Secret(`${baseOf(settings)}/api/v1/metrics`)
  const ask = { ...accessOf(settings), url, method: 'GET', mostAnswerBytes: mostListBytes } as const
  const answer = await exchange(ask, ioOf(settings, signal))
  if (answer.kind !== 'answered') return unknown('nobody answers')
  if (answer.status !== 200) return unknown(`HTTP ${answer.status}`)
  try {
    const { data } = Groups.parse(JSON.parse(answer.text))
    return ok(
      new Map(
        data.flatMap(({ labels, push_time_seconds: pushed }) => {
          const seconds = Number(pushed?.metrics[0]?.value)
          return Number.isFinite(seconds) ? [[groupKeyOf(labels), new Date(seconds * 1000)] as const] : []
        }),
      ),
    )
  } catch {
    return unknown('it does not tell what it has')
  }
}

const unknown = (why: string): Result<never> => fail(cannotAsk(why))

const cannotAsk = (why: string): Problem => ({
  code: 'push.unasked',
  message: `The gateway cannot be asked what it still has: ${why}.`,
  next: 'Let GET /api/v1/metrics through to it; until then a group that it loses is back with the next run of its job.',
  retry: 'soon',
})
