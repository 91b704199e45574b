/** What is remembered of the Alertmanager that is asked for its alerts. */
import type { Problem } from '../../model/problem.ts'
import type { AlertmanagerStanding } from '../../model/standing.ts'
import type { ToldAlert } from '../../sources/inbox/alertmanager/index.ts'
import type { App } from '../context.ts'

const key = 'alertmanager'
const firingKey = 'alertmanager firing'

interface Polled {
  readonly lastGood?: string
  readonly problem?: Problem
}

/** Undefined where none is asked. */
export async function alertmanagerOf(app: App): Promise<AlertmanagerStanding | undefined> {
  if (app.config.inbox?.poll === undefined) return undefined
  const { since } = await app.ledger.scheduleMark(key, app.now())
  const text = await app.ledger.readMeta(key)
  const { lastGood, problem } = (text === undefined ? {} : JSON.parse(text)) as Polled
  return { since, ...(lastGood !== undefined && { lastGood: new Date(lastGood) }), ...(problem && { problem }) }
}

/** The newest question: answered, or why not. */
export async function rememberPoll(app: App, problem: Problem | undefined): Promise<void> {
  const before = await alertmanagerOf(app)
  const lastGood = problem === undefined ? app.now() : before?.lastGood
  const polled: Polled = { ...(lastGood && { lastGood: lastGood.toISOString() }), ...(problem && { problem }) }
  await app.ledger.writeMeta(key, JSON.stringify(polled))
}

/** Those about backups that fired when it was asked last, so that it is known when they do no more. */
export async function firingBefore(app: App): Promise<readonly ToldAlert[]> {
  const text = await app.ledger.readMeta(firingKey)
  const known = (text === undefined ? [] : JSON.parse(text)) as (ToldAlert & { startsAt?: string })[]
  return known.map(({ startsAt, ...alert }) => ({
    ...alert,
    ...(startsAt !== undefined && { startsAt: new Date(startsAt) }),
  }))
}

export const rememberFiring = (app: App, alerts: readonly ToldAlert[]): Promise<void> =>
  app.ledger.writeMeta(firingKey, JSON.stringify(alerts))
