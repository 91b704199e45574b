/** One reading: a look at a repository that takes no lock and writes nothing, recorded well or ill. */
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Reading } from '../model/reading.ts'
import { type Reached, reach } from './access.ts'
import { type App, newId, repositoryOf } from './context.ts'
import { damageProblem } from './damage.ts'
import { historyOf, rememberedOf } from './history.ts'
import { identityOf } from './identity.ts'
import { type Look, type Looked, type LookWish, look } from './look.ts'

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

/** Reads a repository and records what was found, or why it could not be read. The recorded reading is in the answer either way. */
export async function readRepository(app: App, name: string, wish: ReadingWish): Promise<ReadingDone> {
  const startedAt = app.now()
  const reached = wish.reached === undefined ? await reach(app, name, { remembered: true }) : ok(wish.reached)
  const size = wish.stats ?? (wish.locks && (await statsDue(app, name)))
  const old = await rememberedOf(app, name)
  const knownKeys = new Set(Object.keys(old?.keys ?? {}))
  const { way, result } = reached.ok
    ? await lookTwice(app, name, reached.value, { signal: wish.signal, locks: wish.locks, size, knownKeys })
    : { way: repositoryOf(app, name).tool, result: reached }
  const base = { id: newId(startedAt), repository: name, startedAt, endedAt: app.now(), way }
  const identity =
    result.ok && reached.ok
      ? await identityOf(app, name, result.value.repositoryId, reached.value.access.url)
      : undefined
  if (!result.ok || identity?.problem !== undefined) {
    const problem = result.ok ? (identity?.problem as Problem) : result.problem
    const reading: Reading = { ...base, problem }
    // We ended it ourselves: that says nothing about the repository.
    if (wish.signal.aborted) return { reading, snapshotIds: [] }
    await app.ledger.recordReading(reading, undefined, identity?.finding && { findings: [identity.finding] })
    app.log.warn({ repository: name, problem: problem.code }, `reading of ${name} failed: ${problem.message}`)
    return { reading, snapshotIds: [] }
  }
  const { value } = result
  const reading = readingOf(base, value)
  // A damaged file is still there: its history does not end with it.
  const spoilt = value.damaged.filter(({ type }) => type === 'snapshots').map(({ id }) => id)
  const ids = [...value.ids, ...spoilt]
  // Another repository that a person accepted begins a history of its own.
  const history =
    identity?.isAccepted === true
      ? { findings: [], marks: '{}' }
      : await historyOf(app, name, value, ids, { startedAt, old })
  await app.ledger.recordReading(reading, { ids, fresh: value.fresh }, history)
  if (reading.problem === undefined)
    app.log.debug({ repository: name, snapshots: value.ids.length }, `read ${name}: ${value.ids.length} snapshots`)
  else
    app.log.warn(
      { repository: name, problem: reading.problem.code },
      `reading of ${name} found damage: ${reading.problem.message}`,
    )
  return { reading, snapshotIds: value.ids }
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
  base: Pick<Reading, 'id' | 'repository' | 'startedAt' | 'endedAt' | 'way'>,
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

async function statsDue(app: App, name: string): Promise<boolean> {
  const last = await app.ledger.lastSize(name)
  return last === undefined || app.now().getTime() - last.at.getTime() >= repositoryOf(app, name).read.statsEvery
}

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
