/** How forgets, prunes, checks and drills stand: the last one that failed is told until one succeeds. */
import type { Run } from '../model/run.ts'
import type { Verdict } from '../model/verdict.ts'

const judged: readonly string[] = ['forget', 'prune', 'check', 'drill']

/** @returns `failing`; undefined while there is nothing to tell. A person who cancels one knows it. */
export function judgeUpkeep(last: Run | undefined): (Verdict & { readonly state: 'failing' }) | undefined {
  if (last === undefined || !judged.includes(last.operation)) return undefined
  if (last.outcome !== 'failed' && last.outcome !== 'timed-out' && last.outcome !== 'interrupted') return undefined
  return {
    state: 'failing',
    since: last.startedAt,
    failures: 1,
    ...(last.problem && { problem: last.problem }),
    reason: last.problem?.message ?? `the last ${last.operation} ended as ${last.outcome}`,
    next: last.problem?.next ?? 'Run it by hand and look at what it says.',
  }
}
