/** Restores a sample of a job's newest snapshot into a throw-away place and compares it byte by byte with the source. */
import { createReadStream } from 'node:fs'
import { lstat, mkdtemp, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { RunEnd } from '../ledger/ledger.ts'
import { ok, type Problem, type Result } from '../model/problem.ts'
import type { Run, SkippedFile, Trigger } from '../model/run.ts'
import { makeFolder, removeFolder } from '../system/folder.ts'
import { newId } from '../system/id.ts'
import { reach } from './access.ts'
import { jobOf } from './backup.ts'
import type { App } from './context.ts'
import { inLane, unstarted } from './lane.ts'
import { ioOf } from './operation-io.ts'
import { recorded } from './record.ts'

export interface SampleWish {
  readonly trigger: Trigger
  /** How many files; chosen at random from the first thousands of the snapshot. */
  readonly files: number
  /** Where throw-away folders are made: below the state folder. */
  readonly folder: string
  readonly signal: AbortSignal
}

type End = Omit<RunEnd, 'endedAt'>
const prefix = 'restore-'
const listed = 5_000
/** Larger files are passed over: a sample has to stay cheap. */
const largestBytes = 64 * 1024 * 1024

/** A recorded run of the operation `drill`. What it restored is gone when it returns, whatever happened. */
export async function restoreSample(app: App, name: string, wish: SampleWish): Promise<Run> {
  const job = jobOf(app, name)
  const id = newId(app.now())
  const start = {
    id,
    roundId: id,
    job: name,
    repository: job.repository,
    operation: 'drill',
    trigger: wish.trigger,
    exclusive: true,
  } as const
  const { run } = await recorded(app, start, async (recorder) => {
    const lane = {
      repository: job.repository,
      mode: 'shared',
      purpose: `drill of ${name}`,
      waitMs: job.lockWait,
      signal: wish.signal,
    } as const
    const done = await inLane<End>(app, lane, async () => {
      await app.ledger.noteRun(id, { phase: 'running' })
      makeFolder(wish.folder)
      const target = await mkdtemp(join(wish.folder, prefix))
      try {
        return ok(await restoreInto(app, name, target, wish, recorder.onSpawn))
      } finally {
        await removeFolder(target)
      }
    })
    return done.ok ? done.value : unstarted(done.problem)
  })
  return run
}

/** Folders that a killed process left behind. */
export async function clearLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) if (name.startsWith(prefix)) await removeFolder(join(folder, name))
}

async function restoreInto(
  app: App,
  name: string,
  target: string,
  wish: SampleWish,
  onSpawn: (pid: number) => Promise<void>,
): Promise<End> {
  const job = jobOf(app, name)
  const [newest] = await app.ledger.runs({ job: name, operation: 'backup', outcomes: ['ok', 'warning'], most: 1 })
  if (newest?.snapshotId === undefined) return failed(noSnapshot(name))
  const reached = await reach(app, job.repository)
  if (!reached.ok) return failed(reached.problem)
  const { tool, access } = reached.value
  const io = { ...ioOf(job, { signal: wish.signal, watcher: {} }), onSpawn }
  const files = await tool.files(access, newest.snapshotId, listed, io)
  if (!files.ok) return failed(files.problem)
  const chosen = sampleOf(
    files.value.filter((file) => file.sizeBytes <= largestBytes),
    wish.files,
  )
  if (chosen.length === 0) return failed(noFiles(newest.snapshotId))
  const restored = await tool.restore(
    access,
    { snapshotId: newest.snapshotId, target, include: chosen.map((file) => file.path) },
    io,
  )
  if (restored.outcome !== 'ok') return restored
  return compareAll(
    chosen.map((file) => file.path),
    // What some tools restore is named from their one source on.
    { source: job.sources[0] ?? '', target },
    newest,
  )
}

/** Compares every file; what changed in the source since the snapshot cannot be judged and is not counted. */
async function compareAll(
  paths: readonly string[],
  { source, target }: { readonly source: string; readonly target: string },
  backup: Run,
): Promise<End> {
  const wrong: SkippedFile[] = []
  let files = 0
  let bytes = 0
  for (const path of paths) {
    const compared = await compare(resolve(source, path), join(target, path), backup.startedAt)
    if (!compared.ok) wrong.push({ path, reason: compared.problem.message })
    else if (compared.value !== undefined) {
      files++
      bytes += compared.value
    }
  }
  const counters = { processedFiles: files, processedBytes: bytes }
  const known = { counters, ...(backup.snapshotId !== undefined && { snapshotId: backup.snapshotId }) }
  if (wrong.length === 0) return { outcome: 'ok', ...known }
  return { outcome: 'failed', ...known, skipped: wrong, skippedCount: wrong.length, problem: different(wrong) }
}

/** @returns The bytes that are equal; undefined when the source changed since the backup began. */
async function compare(source: string, restored: string, since: Date): Promise<Result<number | undefined>> {
  const [live, copy] = await Promise.all([lstat(source).catch(() => undefined), lstat(restored).catch(() => undefined)])
  if (copy === undefined)
    return { ok: false, problem: { code: 'drill.missing', message: 'was not restored', next: '', retry: 'never' } }
  if (live === undefined || live.mtime >= since || live.ctime >= since) return ok(undefined)
  if (live.size !== copy.size)
    return {
      ok: false,
      problem: {
        code: 'drill.different',
        message: `has ${copy.size} bytes instead of ${live.size}`,
        next: '',
        retry: 'never',
      },
    }
  return (await equal(source, restored))
    ? ok(copy.size)
    : { ok: false, problem: { code: 'drill.different', message: 'has other content', next: '', retry: 'never' } }
}

async function equal(left: string, right: string): Promise<boolean> {
  const a = createReadStream(left, { highWaterMark: 256 * 1024 })[Symbol.asyncIterator]()
  const b = createReadStream(right, { highWaterMark: 256 * 1024 })[Symbol.asyncIterator]()
  for (;;) {
    const [one, two] = await Promise.all([a.next(), b.next()])
    if (one.done === true || two.done === true) return one.done === two.done
    if (!(one.value as Buffer).equals(two.value as Buffer)) return false
  }
}

function sampleOf<T>(all: readonly T[], count: number): T[] {
  const left = [...all]
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(Math.random() * left.length), 1),
  ).flat()
}

const failed = (problem: Problem): End => ({ outcome: 'failed', problem })
const noSnapshot = (name: string): Problem => ({
  code: 'drill.no-snapshot',
  message: `${name} has no snapshot to restore from.`,
  next: `Back it up first: muster run ${name}`,
  retry: 'next-run',
})
const noFiles = (id: string): Problem => ({
  code: 'drill.no-files',
  message: `The snapshot ${id.slice(0, 8)} holds no file to restore.`,
  next: 'See whether the sources are mounted, and whether a pattern excludes everything.',
  retry: 'next-run',
})
const different = (wrong: readonly SkippedFile[]): Problem => ({
  code: 'drill.different',
  message: `${wrong.length} restored ${wrong.length === 1 ? 'file is' : 'files are'} not what was backed up, the first: ${wrong[0]?.path} ${wrong[0]?.reason}.`,
  next: 'Check the repository with its data: muster check --read-data. Keep the source as it is until then.',
  retry: 'next-run',
})
