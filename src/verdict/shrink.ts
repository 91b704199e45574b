/** Notices a source that shrank: an empty mount, a moved folder, a pattern that excludes everything. */
import type { Problem } from '../model/problem.ts'
import type { BackupCounters, SkippedFile } from '../model/run.ts'
import { sayBytes } from '../model/units.ts'

export interface Shrink {
  readonly what: 'files' | 'bytes'
  readonly usual: number
  readonly now: number
}

/**
 * Compares a run with the median of earlier ones; a single earlier one will do, for the first doubtful run may be the second of all.
 * @param earlier Without those that were doubtful themselves: what is bad for long enough must not become what is usual.
 * @param maxShrink 0.5: alarm when less than half of the usual is left.
 * @returns What shrank too much; undefined when nothing did, or too little is known.
 */
export function shrinkOf(
  current: BackupCounters,
  earlier: readonly BackupCounters[],
  maxShrink: number,
): Shrink | undefined {
  for (const [what, key] of [
    ['files', 'processedFiles'],
    ['bytes', 'processedBytes'],
  ] as const) {
    const now = current[key]
    const usual = median(earlier.flatMap((counters) => counters[key] ?? []))
    if (now === undefined || usual === undefined || usual === 0) continue
    if (now < usual * (1 - maxShrink)) return { what, usual, now }
  }
  return undefined
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

export const shrinkProblem = (shrink: Shrink): Problem => ({
  code: 'guard.shrunk',
  message: `The source shrank: ${say(shrink, shrink.now)} now, ${say(shrink, shrink.usual)} usually (median of the last runs). Nothing was forgotten.`,
  next: 'See whether the sources are mounted and complete. If the change is wanted, say so: muster run --accept-shrink; until then nothing is forgotten.',
  retry: 'next-run',
})

/** The same, found before a run that would have deleted the rest. */
export const shrunkBefore = (shrink: Shrink): Problem => ({
  code: 'guard.shrunk',
  message: `The source shrank: ${say(shrink, shrink.now)} now, ${say(shrink, shrink.usual)} usually (median of the last runs). Nothing was copied, nothing deleted.`,
  next: 'See whether the sources are mounted and complete. If the change is wanted, say so: muster run --accept-shrink',
  retry: 'next-run',
})

/** A person said that the smaller source is right: what came before is no measure any more. */
export const acceptedShrink = (shrink: Shrink): Problem => ({
  code: 'guard.shrink-accepted',
  message: `The source shrank: ${say(shrink, shrink.now)} now, ${say(shrink, shrink.usual)} usually. That was accepted and is usual from now on.`,
  next: 'Nothing to do.',
  retry: 'never',
})

/** @param recent Newest first. @returns Those that say what is usual: none from before the newest accepted change. */
export function sinceAccepted<R extends { readonly problem?: Problem }>(recent: readonly R[]): readonly R[] {
  const at = recent.findIndex(({ problem }) => problem?.code === 'guard.shrink-accepted')
  return at < 0 ? recent : recent.slice(0, at + 1)
}

export const emptySource: Problem = {
  code: 'guard.empty',
  message: 'The backup holds no file at all. Nothing was forgotten.',
  next: 'See whether the sources are mounted, and whether a pattern excludes everything.',
  retry: 'next-run',
}

/** The same, found before a run that would have deleted everything. */
export const emptyBefore: Problem = {
  code: 'guard.empty',
  message: 'The source holds no file at all. Nothing was copied, nothing deleted.',
  next: 'See whether the sources are mounted, and whether a pattern excludes everything. If it is meant to be empty, set allowEmpty: true.',
  retry: 'next-run',
}

/** @returns `guard.source-missing` when whole sources were left out of the snapshot. */
export function missingSources(sources: readonly string[], skipped: readonly SkippedFile[]): Problem | undefined {
  const missing = sources.filter((source) => skipped.some(({ path }) => path === source))
  if (missing.length === 0) return undefined
  return {
    code: 'guard.source-missing',
    message: `The snapshot was made without ${missing.join(', ')}: not there, or not readable. Nothing was forgotten.`,
    next: 'Mount or create it, give the rights that are missing, or take it out of sources.',
    retry: 'next-run',
  }
}

/** Codes of problems after which the newest snapshot may be the bad one. */
export const holding: readonly string[] = ['guard.shrunk', 'guard.empty', 'guard.source-missing']

/** Nothing may be forgotten, and the job is not fine, though there is a snapshot. */
export const holdsRetention = (problem: Problem | undefined): boolean =>
  problem !== undefined && holding.includes(problem.code)

const say = (shrink: Shrink, value: number): string =>
  shrink.what === 'bytes' ? sayBytes(value) : `${Math.round(value)} files`
