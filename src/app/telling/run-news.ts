/** Notifiers that keep count of runs: each backup that began and each that ended is put into the outbox once. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Notify } from '../../config/schema/notify.ts'
import type { Run } from '../../model/run.ts'
import { notifierSettings } from '../../outlets/notify/notifiers/settings.generated.ts'
import type { NotifierSettings } from '../../outlets/notify/settings.ts'
import { fits } from '../../verdict/pattern.ts'
import { type RunTeller, runMessage } from '../../verdict/telling/run-message.ts'
import type { App } from '../context.ts'
import { watchedOf } from '../standing/watched.ts'
import { deliver } from './deliver.ts'

export const tellsRuns = ({ kind }: Notify): boolean =>
  (notifierSettings[kind as keyof typeof notifierSettings] as NotifierSettings).tells === 'runs'

const day = 86_400_000
const most = 10_000

/** Up to when all was told: what began before needs no look. */
const markOf = (name: string): string => `runs told/${name}`

export async function tellRuns(app: App, name: string, { of }: Notify): Promise<void> {
  const now = app.now()
  const { since } = await app.ledger.scheduleMark(`notifier/${name}`, now)
  const mark = await app.ledger.readMeta(markOf(name))
  // What a machine that was off for long would tell now helps nobody.
  const from = new Date(Math.max(mark === undefined ? since.getTime() : Date.parse(mark), now.getTime() - 7 * day))
  const isMine = (job: string | undefined): boolean =>
    job !== undefined && (of.length === 0 || of.some((pattern) => fits(pattern, job)))
  const runs = (await app.ledger.runs({ operation: 'backup', since: from, most })).filter(({ job }) => isMine(job))
  const link = app.config.page
  const teller = {
    host: app.self.host,
    ofJobs: Object.keys(watchedOf(app.config)).filter(isMine).length,
    ...(link !== undefined && { link }),
  }
  for (const run of runs.toReversed()) {
    const events = run.endedAt === undefined ? (['began'] as const) : (['began', 'ended'] as const)
    for (const event of events) await put(app, name, teller, run, event)
  }
  const open = runs.flatMap(({ startedAt, endedAt }) => (endedAt === undefined ? [startedAt.getTime()] : []))
  // One that is being put down at this moment may bear a somewhat older time.
  const next = new Date(Math.min(now.getTime() - 60_000, ...open))
  if (next > from) await app.ledger.writeMeta(markOf(name), next.toISOString())
}

async function put(app: App, notifier: string, teller: RunTeller, run: Run, event: 'began' | 'ended'): Promise<void> {
  const now = app.now()
  // One that was never started has no beginning.
  if (event === 'began' && run.outcome === 'skipped') return
  await app.ledger.enqueue(
    {
      // By what it tells: put down again, nothing happens.
      id: createHash('sha256')
        .update(JSON.stringify([notifier, run.id, event]))
        .digest('hex')
        .slice(0, 32),
      notifier,
      message: runMessage(run, event, teller, now),
      // A beginning goes before its end.
      madeAt: (event === 'began' ? run.startedAt : run.endedAt) ?? now,
      state: 'pending',
      attempts: 0,
      nextAt: now,
    },
    [],
  )
}

const lookEveryMs = 500

/** Tells beginnings while something runs in a process that tells all else at its end. @returns Ends it. */
export async function tellBeginnings(app: App, signal: AbortSignal): Promise<() => Promise<void>> {
  const names = Object.entries(app.config.notify).filter(([, notify]) => tellsRuns(notify))
  if (names.length === 0) return async () => undefined
  // What begins from now on counts, not what began before anybody was to be told.
  for (const [name] of names) await app.ledger.scheduleMark(`notifier/${name}`, app.now())
  const end = new AbortController()
  const over = AbortSignal.any([end.signal, signal])
  const loop = async (): Promise<void> => {
    while (!over.aborted) {
      await pause(lookEveryMs, undefined, { signal: over }).catch(() => undefined)
      if (over.aborted) return
      for (const [name, notify] of names) await tellRuns(app, name, notify)
      await deliver(
        app,
        over,
        names.map(([name]) => name),
      )
    }
  }
  const done = loop().catch((error: unknown) => app.log.warn({ error }, `runs cannot be told now: ${String(error)}`))
  return async () => {
    end.abort()
    await done
  }
}
