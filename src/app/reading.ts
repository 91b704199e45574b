/** One reading: a look at a repository that takes no lock and writes nothing, recorded well or ill. */
import type { Repository } from '../config/schema.ts'
import type { SeenHistory } from '../ledger/ledger.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Reading } from '../model/reading.ts'
import { Secret } from '../model/secret.ts'
import { CpuShare, ownCpuMs } from '../system/cpu-share.ts'
import { newId } from '../system/id.ts'
import { type Reached, reach } from './access.ts'
import { type App, repositoryOf } from './context.ts'
import { damageProblem } from './damage.ts'
import { historyOf, marksOf, sameMarks } from './history.ts'
import { identityOf } from './identity.ts'
import { asFarAsRead } from './keyless.ts'
import { type Look, type Looked, type LookWish, look } from './look.ts'
import { isUnchanged, recollect, remember } from './recollection.ts'

export interface ReadingWish {
  readonly signal: AbortSignal
  /** Also look at the locks; costs one more start of the tool, or one more listing. */
  readonly locks: boolean
  /** Measure the size now; default: when `read.statsEvery` has passed. */
  readonly stats?: boolean
  /** When the caller has the secrets loaded already. */
  readonly reached?: Reached
}

export interface ReadingDone {
  readonly reading: Reading
  /** Of the snapshots that are there and can be read; what they hold is in the ledger. */
  readonly snapshotIds: readonly string[]
}

const cpu = new CpuShare(ownCpuMs)

/** Reads a repository and records what was found, or why it could not be read. The recorded reading is in the answer either way. */
export async function readRepository(app: App, name: string, wish: ReadingWish): Promise<ReadingDone> {
  const startedAt = app.now()
  const repository = repositoryOf(app, name)
  const before = await recollect(app, name, repository)
  const size = wish.stats ?? (wish.locks && isSizeDue(repository, before.measuredAt, startedAt))
  const reached = wish.reached === undefined ? await reach(app, name, { remembered: !size }) : ok(wish.reached)
  const knownKeys = new Set(Object.keys(before.marks?.keys ?? {}))
  const [{ way, result, programCpuMs = 0 }, own] = await cpu.measure(async (): Promise<Look> => {
    if (!reached.ok) return { way: repository.tool, result: reached }
    return lookTwice(app, name, reached.value, {
      signal: wish.signal,
      locks: wish.locks,
      size,
      known: before.known,
      knownKeys,
      isRecorded: (ids) => app.ledger.sees(name, ids),
      trustTimes: repository.read.trustFolderTimes,
      ...(before.ids && { recorded: before.ids }),
    })
  })
  const cpuMs = Math.round((own + programCpuMs) * 1000) / 1000
  const base = { id: newId(startedAt), repository: name, startedAt, endedAt: app.now(), way, cpuMs }
  if (!result.ok) return failedReading(app, { ...base, problem: result.problem }, wish)
  const { value } = result
  const reading = readingOf(base, value)
  // A damaged file is still there: its history does not end with it.
  const spoilt = value.damaged.filter(({ type }) => type === 'snapshots').map(({ id }) => id)
  const ids = spoilt.length === 0 ? value.ids : [...value.ids, ...spoilt]
  const done = { reading, snapshotIds: value.ids }
  if (isUnchanged(before, value, ids)) {
    await app.ledger.recordReading(reading)
    if (value.sizeBytes !== undefined || before.ids === undefined)
      remember(app, name, repository, before, value, ids, undefined, reading.endedAt)
    return done
  }
  const identity = await identityOf(app, name, value.repositoryId, new Secret(repository.url))
  if (identity.problem !== undefined)
    return failedReading(
      app,
      { ...base, problem: identity.problem },
      wish,
      identity.finding && { findings: [identity.finding] },
    )
  const old = identity.isAccepted === true ? undefined : before.marks
  // Another repository that a person accepted begins a history of its own.
  const history =
    identity.isAccepted === true
      ? { findings: [], marks: JSON.stringify(marksOf(value, undefined) ?? {}) }
      : asFarAsRead(repository, await historyOf(app, name, value, ids, { startedAt, old }))
  await app.ledger.recordReading(reading, { ids, fresh: value.fresh }, history)
  remember(
    app,
    name,
    repository,
    before,
    value,
    ids,
    sameMarks(value, old) ? old : marksOf(value, old),
    reading.endedAt,
  )
  if (reading.problem === undefined)
    app.log.debug({ repository: name, snapshots: value.ids.length }, `read ${name}: ${value.ids.length} snapshots`)
  else
    app.log.warn(
      { repository: name, problem: reading.problem.code },
      `reading of ${name} found damage: ${reading.problem.message}`,
    )
  return done
}

async function failedReading(
  app: App,
  reading: Reading & { readonly problem: Problem },
  wish: ReadingWish,
  history?: SeenHistory,
): Promise<ReadingDone> {
  // We ended it ourselves: that says nothing about the repository.
  if (wish.signal.aborted) return { reading, snapshotIds: [] }
  await app.ledger.recordReading(reading, undefined, history)
  const { repository, problem } = reading
  app.log.warn({ repository, problem: problem.code }, `reading of ${repository} failed: ${problem.message}`)
  return { reading, snapshotIds: [] }
}

/** What a repository refuses may have been changed where it comes from: secrets are asked for anew, once. */
async function lookTwice(app: App, name: string, reached: Reached, wish: LookWish): Promise<Look> {
  const first = await look(app, reached, wish)
  if (first.result.ok || !/\.(?:password|denied)$/.test(first.result.problem.code)) return first
  const again = await reach(app, name)
  return again.ok && credentialsOf(again.value) !== credentialsOf(reached) ? look(app, again.value, wish) : first
}

const credentialsOf = ({ access: { password, environment } }: Reached): string =>
  JSON.stringify([password, ...Object.values(environment)].map((secret) => secret?.reveal()))

function readingOf(
  base: Pick<Reading, 'id' | 'repository' | 'startedAt' | 'endedAt' | 'way' | 'cpuMs'>,
  { ids, damaged, locks, sizeBytes, toolVersion, requests, bytes }: Looked,
): Reading {
  const problem = damageProblem(base.repository, damaged)
  return {
    ...base,
    snapshots: ids.length,
    ...(problem && { problem }),
    ...(locks && { locks }),
    ...(sizeBytes !== undefined && { sizeBytes }),
    ...(toolVersion !== undefined && { toolVersion }),
    ...(requests !== undefined && { requests }),
    ...(bytes !== undefined && { bytes }),
  }
}

const isSizeDue = ({ read }: Repository, measuredAt: Date | undefined, now: Date): boolean =>
  measuredAt === undefined || now.getTime() - measuredAt.getTime() >= read.statsEvery

/**
 * The end-to-end proof that a backup is there: an independent reading finds the snapshot the tool spoke of, and has read it.
 * @param snapshotId As the tool printed it: whole, or a prefix with old versions.
 * @returns The full id, or `backup.unconfirmed`.
 */
export async function confirmSnapshot(
  app: App,
  name: string,
  snapshotId: string,
  wish: ReadingWish,
): Promise<Result<{ id: string; done: ReadingDone }>> {
  const done = await readRepository(app, name, wish)
  const found = done.snapshotIds.find((id) => id.startsWith(snapshotId))
  if (found !== undefined) return ok({ id: found, done })
  if (done.reading.problem !== undefined)
    return fail(
      unconfirmed(
        snapshotId,
        `the repository could not be read: ${done.reading.problem.message}`,
        done.reading.problem.next,
      ),
    )
  return fail(
    unconfirmed(snapshotId, 'it is not in the repository', 'Run the job again, and check the repository: muster check'),
  )
}

const unconfirmed = (snapshotId: string, why: string, next: string): Problem => ({
  code: 'backup.unconfirmed',
  message: `The tool reported the snapshot ${snapshotId.slice(0, 8)}, but ${why}.`,
  next,
  retry: 'soon',
})
