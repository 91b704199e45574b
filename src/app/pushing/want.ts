/** Puts down in the ledger what is to be where, before anything is sent. */
import type { Config } from '../../config/schema.ts'
import { type PushTarget, pushTargets } from '../../model/push.ts'
import type { Standing } from '../../model/standing.ts'
import type { App } from '../context.ts'
import { watchedOf } from '../standing/watched.ts'
import { wantedOf } from './wanted.ts'

export interface WantHow {
  /** What was refused or waits is tried again now: something may have been mended. */
  readonly again?: boolean
}

/** @returns false, and nothing changed, where the standing is that of another configuration: what is missing in it is not gone. */
export async function want(app: App, standing: Standing, { again = false }: WantHow = {}): Promise<boolean> {
  if (!isOf(app.config, standing)) return false
  const all = wantedOf(app.config, standing, app.self.host)
  for (const target of pushTargets) {
    const wanted = all.find((one) => one.target === target)
    const how = { now: app.now(), again }
    if (wanted !== undefined) await app.ledger.wantPushes(target, wanted.place, wanted.pushes, how)
    await leave(app, target, wanted?.place, how)
  }
  return true
}

function isOf(config: Config, standing: Standing): boolean {
  const jobs = watchedOf(config)
  return (
    standing.jobs.length === Object.keys(jobs).length && standing.jobs.every(({ name }) => Object.hasOwn(jobs, name))
  )
}

/** Places that are not configured any more: files are ours to take away, a server's login is not known any more. */
async function leave(
  app: App,
  target: PushTarget,
  place: string | undefined,
  how: { readonly now: Date; readonly again: boolean },
): Promise<void> {
  const left = (await app.ledger.pushes(target)).filter((push) => push.place !== place)
  if (left.length === 0) return
  if (target === 'textfile') {
    for (const old of new Set(left.map((push) => push.place))) await app.ledger.wantPushes(target, old, [], how)
    return
  }
  await app.ledger.forgetPushes(target, place)
  for (const old of target === 'otlp' ? [] : new Set(left.map((push) => push.place)))
    app.log.warn({ gateway: old }, `what was pushed to ${old} stays there: it is not in the configuration any more`)
}
